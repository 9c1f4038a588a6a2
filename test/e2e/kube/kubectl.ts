import { join } from "node:path";
import { execa } from "execa";
import { cluster } from "../cluster.ts";

/** The result of a run of kubectl. */
export interface KubectlRun {
  code: number | undefined;
  stdout: string;
  stderr: string;
}

export interface KubectlOptions {
  /** kubectl's whole environment, besides the search path. */
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** The whole input. */
  input?: string;
  /** Whether to run in an empty network namespace. */
  alone?: boolean;
}

/** Runs the cluster's kubectl without any kubeconfig besides that of the arguments or the environment. */
export async function kubectl(
  args: readonly string[],
  { env = {}, cwd = "/", input = "", alone = false }: KubectlOptions = {},
): Promise<KubectlRun> {
  const words = [join(cluster.binFolder, "kubectl"), ...args];
  const [file = "", ...rest] = alone ? ["unshare", "--net", ...words] : words;
  const { exitCode, stdout, stderr } = await execa(file, rest, {
    // kubectl also writes no cache.
    env: { PATH: process.env.PATH, HOME: "/proc/no-home", KUBECACHEDIR: "/dev/null/cache", ...env },
    extendEnv: false,
    cwd,
    input,
    reject: false,
  });
  return { code: exitCode, stdout, stderr };
}
