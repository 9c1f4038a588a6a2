import { isUtf8 } from "node:buffer";
import { isSeq, parseDocument } from "yaml";
import { Failure } from "../failure.ts";

/** A public key in the form of OpenSSH, with the options that authorized_keys allows before it left out. */
const publicKey =
  /^(ssh-(ed25519|rsa|dss)|ecdsa-sha2-nistp\d+|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]+=*( .*)?$/;

/** The public keys of a file's text, one a line. */
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

/**
 * cloud-init's user data: what is given, with keys for its default user added. As bytes it is what no text can hold:
 * cloud-init takes its data compressed, too.
 */
export function userData(given: Buffer | undefined, keys: readonly string[]): string | Buffer {
  if (given === undefined) return `#cloud-config\nssh_authorized_keys:\n${keys.map((key) => `  - ${key}\n`).join("")}`;
  const text = isUtf8(given) ? given.toString("utf8") : undefined;
  if (keys.length === 0) return text ?? given;
  // A script or an archive has no place for keys.
  if (text === undefined || !/^#cloud-config\s*$/m.test(text.split("\n", 1)[0] ?? "")) {
    throw new Failure(
      `--ssh-key: the keys can be added to a "#cloud-config" only, which --cloud-init does not begin with`,
    );
  }
  // As a document, so that its comments and its style stay.
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new Failure(`parsing --cloud-init: ${error.message}`);
  const list = document.get("ssh_authorized_keys");
  if (isSeq(list)) for (const key of keys) list.add(key);
  else document.set("ssh_authorized_keys", keys);
  return document.toString({ lineWidth: 0 });
}
