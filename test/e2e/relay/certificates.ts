import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type KeyPair, Pki } from "../../../cluster/pki.ts";

/** The certificates and authority for both ends of the connection between controller and node daemon. */
export interface Certificates {
  /** Folder with the daemon's TLS files. */
  readonly serverFolder: string;
  readonly ca: string;
  readonly controller: KeyPair;
  /** A certificate of the same CA with another name. */
  readonly stranger: KeyPair;
  /** Makes a new certificate for the daemon, and puts it in its folder. */
  renew(): Promise<KeyPair>;
}

/** Makes a CA and certificates in a folder of their own. */
export async function makeCertificates(): Promise<Certificates> {
  const pki = new Pki(await mkdtemp(join(tmpdir(), "relay-pki-")));
  const serverFolder = pki.path("server");
  await mkdir(pki.folder, { recursive: true });
  await mkdir(serverFolder);
  const { certificate: ca } = await pki.authority("ca");
  let number = 0;
  const renew = async (): Promise<KeyPair> => {
    number += 1;
    const pair = await pki.issue(`server-${number}`, "ca", {
      commonName: "virt-node-daemon",
      names: ["virt-node-daemon"],
    });
    await writeFile(join(serverFolder, "ca.crt"), ca);
    await writeFile(join(serverFolder, "tls.crt"), pair.certificate);
    await writeFile(join(serverFolder, "tls.key"), pair.key);
    return pair;
  };
  await renew();
  const controller = await pki.issue("controller", "ca", { commonName: "virt-controller" });
  const stranger = await pki.issue("stranger", "ca", { commonName: "somebody-else" });
  return { serverFolder, ca, controller, stranger, renew };
}
