import { join } from "node:path";
import { execa } from "execa";
import { cluster } from "../cluster.ts";

/** What a run of kubectl came to. */
export interface KubectlRun {
  code: number | undefined;
  stdout: string;
  stderr: string;
}

export interface KubectlOptions {
  /** Its whole environment, but for the search path. */
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** All that it can read. */
  input?: string;
  /** In a network of its own, where nothing is. */
  alone?: boolean;
}

/** Runs the cluster's kubectl as somebody who has no kubeconfig but that of the arguments or the environment. */
export async function kubectl(
  args: readonly string[],
  { env = {}, cwd = "/", input = "", alone = false }: KubectlOptions = {},
): Promise<KubectlRun> {
  const words = [join(cluster.binFolder, "kubectl"), ...args];
  const [file = "", ...rest] = alone ? ["unshare", "--net", ...words] : words;
  const { exitCode, stdout, stderr } = await execa(file, rest, {
    // Nor does it leave its cache anywhere.
    env: { PATH: process.env.PATH, HOME: "/proc/no-home", KUBECACHEDIR: "/dev/null/cache", ...env },
    extendEnv: false,
    cwd,
    input,
    reject: false,
  });
  return { code: exitCode, stdout, stderr };
}
