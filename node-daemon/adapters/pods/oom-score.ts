import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../../api/kube/log.ts";
import { errorCode } from "../error-code.ts";

/**
 * Gives a process the `oom_score_adj` of another (proc_pid_oom_score_adj(5)), by which the kernel chooses whom it kills when
 * the node has no memory left. The kubelet sets that of a container by its pod's class; QEMU has libvirtd's, which packages
 * set to what is never killed, and so a neighbour would die for it.
 *
 * A kernel that refuses it leaves the process as it was: lowering takes CAP_SYS_RESOURCE, which a node may withhold.
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
