import { join } from "node:path";
import { execa } from "execa";

/** Uses up all watches that the kernel has to give (inotify(7)), as many pods on a node may; their number is one of each namespace. */
export const noWatches = "echo 0 > /proc/sys/user/max_inotify_watches";

/**
 * Runs a module, which imports from the sources by `@/`, in user and mount namespaces of its own, after a shell script
 * has been there. Returns what it printed.
 */
export async function inNamespace(script: string, module: string): Promise<string> {
  const source = module.replaceAll("@/", `${join(import.meta.dirname, "../..")}/`);
  const node = [process.execPath, "--input-type=module-typescript", "--eval", source];
  const shell = ["sh", "-ec", `${script}\nexec "$@"`, "sh"];
  const namespaces = ["--user", "--map-root-user", "--mount"];
  return (await execa("unshare", [...namespaces, ...shell, ...node], { timeout: 25_000, killSignal: "SIGKILL" }))
    .stdout;
}
