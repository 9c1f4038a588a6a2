import { spawn } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { endOf } from "../child.ts";
import { Failure } from "../failure.ts";

/** A program that shows a VNC screen, and its arguments for a local port. */
interface Viewer {
  readonly program: string;
  readonly args: (port: number) => readonly string[];
}

const byUrl = (port: number): string[] => [`vnc://127.0.0.1:${port}`];
// With two colons, the number is a port and not a display.
const byPort = (port: number): string[] => [`127.0.0.1::${port}`];

/** The known viewers, in the order of the search. */
const viewers: readonly Viewer[] = [
  { program: "remote-viewer", args: byUrl },
  { program: "xtigervncviewer", args: byPort },
  { program: "vncviewer", args: byPort },
  { program: "gvncviewer", args: byPort },
  // macOS' screen sharing.
  ...(process.platform === "darwin" ? [{ program: "open", args: (port: number) => ["-W", ...byUrl(port)] }] : []),
];

/** An installed viewer. */
export interface FoundViewer {
  readonly path: string;
  readonly args: (port: number) => readonly string[];
}

/** Finds the wanted viewer, by path or name, or the first installed one. */
export async function findViewer(asked: string | undefined, path = process.env.PATH ?? ""): Promise<FoundViewer> {
  if (asked !== undefined) {
    const found = await which(asked, path);
    if (!found) throw new Failure(`invalid argument "${asked}" for "--viewer" flag: there is no such program`);
    const known = viewers.find(({ program }) => found.endsWith(`/${program}`));
    return { path: found, args: known?.args ?? byPort };
  }
  for (const { program, args } of viewers) {
    const found = await which(program, path);
    if (found) return { path: found, args };
  }
  const names = viewers.map(({ program }) => program).join(", ");
  throw new Failure(
    `no VNC viewer found (looked for ${names}); install one, name one with --viewer, or use --proxy-only and connect to the port that it prints`,
  );
}

async function which(program: string, path: string): Promise<string | undefined> {
  const candidates = program.includes("/") ? [program] : path.split(delimiter).map((folder) => join(folder, program));
  for (const candidate of candidates) {
    const executable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable) return candidate;
  }
  return undefined;
}

/** Runs a viewer and resolves at its end. Throws Failure, with the viewer's error output, if it failed. */
export async function view({ path, args }: FoundViewer, port: number, signal: AbortSignal): Promise<void> {
  const child = spawn(path, args(port), { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString("utf8")).slice(-2000);
  });
  const code = await endOf(child, signal);
  if (code !== 0) throw new Failure(`${path} ended with exit code ${code}${said.trim() ? `: ${said.trim()}` : ""}`);
}
