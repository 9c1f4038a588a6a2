import { Failure } from "../failure.ts";

/** Matches a public key in OpenSSH's form, without the options that authorized_keys allows before it. */
const publicKey =
  /^(ssh-(ed25519|rsa|dss)|ecdsa-sha2-nistp\d+|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]+=*( .*)?$/;

/** Reads the public keys of a file's text, one on each line. */
export function sshKeysOf(text: string, file: string): string[] {
  if (text.includes("PRIVATE KEY")) {
    throw new Failure(
      `invalid argument "${file}" for "--ssh-key" flag: it is a private key; give the public one (${file}.pub)`,
    );
  }
  const lines = text.split("\n").map((line) => line.trim());
  const keys = lines.filter((line) => line !== "" && !line.startsWith("#"));
  const bad = keys.find((line) => !publicKey.test(line));
  if (bad !== undefined || keys.length === 0) {
    throw new Failure(
      `invalid argument "${file}" for "--ssh-key" flag: ${bad === undefined ? "it is empty" : `"${bad.slice(0, 40)}" is no public key`}`,
    );
  }
  return keys;
}
