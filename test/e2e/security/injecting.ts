import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pki } from "../../../cluster/pki.ts";
import { cluster } from "../cluster.ts";

const program = join(import.meta.dirname, "injector.ts");
const configuration = "injector-of-the-test";

/** Runs a webhook beside the API server that adds a container to each Pod of a namespace (`injector.ts`). */
export class Injector {
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
  }

  static async start(namespace: string): Promise<Injector> {
    const folder = await mkdtemp(join(tmpdir(), "injector-"));
    const pki = new Pki(folder);
    await pki.issue("server", "ca", { commonName: "injector", names: ["127.0.0.1"] });
    const { certificate: ca } = await pki.authority("ca");
    const init = await cluster.controlPlane.init();
    const files = [`--cert=${pki.path("server.crt")}`, `--key=${pki.path("server.key")}`];
    const inside = [process.execPath, program, ...files];
    const child = spawn("nsenter", [`--net=/proc/${init}/ns/net`, ...inside], { stdio: ["ignore", "pipe", "inherit"] });
    const [port] = (await once(child.stdout, "data")) as [Buffer];
    const injector = new Injector(child, folder);
    const webhook = {
      name: "injector.example.org",
      admissionReviewVersions: ["v1"],
      sideEffects: "None",
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
      clientConfig: {
        url: `https://127.0.0.1:${port.toString().trim()}/`,
        caBundle: Buffer.from(ca).toString("base64"),
      },
    };
    const apiVersion = "admissionregistration.k8s.io/v1";
    const metadata = { name: configuration };
    const manifest = { apiVersion, kind: "MutatingWebhookConfiguration", metadata, webhooks: [webhook] };
    await cluster.kubectl(["apply", "--filename=-"], { input: JSON.stringify(manifest) });
    return injector;
  }

  async end(): Promise<void> {
    await cluster.kubectl(["delete", "mutatingwebhookconfiguration", configuration, "--ignore-not-found"]);
    this.#child.kill();
    await once(this.#child, "exit");
    await rm(this.#folder, { recursive: true });
  }
}
