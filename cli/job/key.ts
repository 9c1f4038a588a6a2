import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../failure.ts";
import { endOfOpenSsh } from "../remote/open-ssh.ts";

/** A key pair of SSH, in files. */
export interface Key {
  /** The path of the private key. */
  readonly file: string;
  /** The line for `authorized_keys`. */
  readonly publicKey: string;
}

/** Makes a key pair in a folder, for one job. */
export async function makeKey(folder: string, signal: AbortSignal): Promise<Key> {
  const file = join(folder, "key");
  const child = spawn("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "kubectl-virt-run", "-f", file], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const code = await endOfOpenSsh("ssh-keygen", child, signal);
  if (code !== 0) throw new Failure("ssh-keygen made no key");
  return { file, publicKey: (await readFile(`${file}.pub`, "utf8")).trim() };
}
