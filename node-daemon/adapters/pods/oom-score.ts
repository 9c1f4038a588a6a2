import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../../api/kube/log.ts";
import { errorCode } from "../../../api/values/error-code.ts";

/**
 * Gives a process the `oom_score_adj` of another (proc_pid_oom_score_adj(5)). By it the kernel chooses the process to
 * kill when the node is out of memory. The kubelet sets a container's score by its pod's class. QEMU has libvirtd's
 * score, which packages set to "never kill": the kernel would kill a neighbour instead.
 *
 * When the kernel refuses, the process keeps its score: lowering it needs CAP_SYS_RESOURCE, which a node may withhold.
 */
export async function giveOomScore(
  proc: string,
  { from, to }: { readonly from: number; readonly to: number },
  log: Log,
): Promise<void> {
  const file = (pid: number): string => join(proc, String(pid), "oom_score_adj");
  const score = (await readFile(file(from), "utf8")).trim();
  if ((await readFile(file(to), "utf8")).trim() === score) return;
  try {
    await writeFile(file(to), score);
  } catch (error) {
    const code = errorCode(error);
    if (code !== "EACCES" && code !== "EPERM") throw error;
    log("debug", "the kernel refuses QEMU its pod's oom_score_adj", { pid: to, score, error });
  }
}
