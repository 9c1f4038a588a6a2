import { join } from "node:path";
import { execa } from "execa";

/** Uses up all of the kernel's watches (inotify(7)), as many Pods on a node may. Each namespace has its own number. */
export const noWatches = "echo 0 > /proc/sys/user/max_inotify_watches";

/**
 * Runs a shell script and then a module in new user and mount namespaces. The module imports our sources by `@/`.
 * Returns the module's output.
 */
export async function inNamespace(script: string, module: string): Promise<string> {
  const source = module.replaceAll("@/", `${join(import.meta.dirname, "../..")}/`);
  const node = [process.execPath, "--input-type=module-typescript", "--eval", source];
  const shell = ["sh", "-ec", `${script}\nexec "$@"`, "sh"];
  const namespaces = ["--user", "--map-root-user", "--mount"];
  return (await execa("unshare", [...namespaces, ...shell, ...node], { timeout: 25_000, killSignal: "SIGKILL" }))
    .stdout;
}
