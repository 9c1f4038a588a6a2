import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

const root = join(import.meta.dirname, "../../..");

/** The previous release as long as no release has a tag: the first one that a later one must work with. */
const first = "2942fcf1b21c5989264d8346a330ceca647985fa";

/** A source tree in a folder of its own; disposal removes the folder. */
export interface SourceTree extends AsyncDisposable {
  readonly folder: string;
}

/** Finds the commit of the previous release; undefined if the history is too short, as in a shallow clone. */
export async function previousCommit(): Promise<string | undefined> {
  const git = async (...args: readonly string[]) => execa("git", args, { cwd: root, reject: false });
  // Skip a tag of this commit: a release must work with the release before it.
  const tag = await git("describe", "--tags", "--abbrev=0", "--match=v[0-9]*", "HEAD^");
  const name = tag.exitCode === 0 ? tag.stdout.trim() : first;
  const commit = await git("rev-parse", "--verify", "--quiet", `${name}^{commit}`);
  return commit.exitCode === 0 ? commit.stdout.trim() : undefined;
}

/** Extracts the sources of a commit, with the packages that it names: a later release may have dropped one. */
export async function treeOf(commit: string): Promise<SourceTree> {
  const folder = await mkdtempDisposable(join(tmpdir(), "previous-release-"));
  const archive = execa("git", ["archive", commit], { cwd: root, encoding: "buffer" });
  await archive.pipe("tar", ["--extract", `--directory=${folder.path}`]);
  // No package needs its install script to be bundled.
  const install = ["ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  await execa("npm", install, { cwd: folder.path, stdin: "ignore" });
  return { folder: folder.path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
