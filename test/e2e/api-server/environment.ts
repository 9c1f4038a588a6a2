import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll } from "vitest";
import { KubeClient } from "../../../api/kube/client/client.ts";
import { ApiError } from "../../../api/kube/client/errors.ts";
import { fromKubeconfig } from "../../../api/kube/credentials/kubeconfig.ts";
import { apiEndpoint } from "../../../cluster/dev/stand-ins.ts";
import { addresses, apiServerPort } from "../../../cluster/fabric.ts";
import { stopInstalled } from "../../../cluster/installed.ts";
import { cluster, eventually, installDefinitions } from "../cluster.ts";
import { daemonOn } from "./objects.ts";

/** The node whose daemon the peer plays. */
export const node = "node-of-the-peer";

const registration = "deploy/manifests/aggregated-api.yaml";
const endpoint = "virt-api-test";

/** Runs our API server behind the real one, and a peer that plays the node daemon. */
export class Environment {
  /** Each file has its own namespace: Kubernetes takes many seconds to delete one, and the tests need not wait for it. */
  readonly namespace = `api-server-test-${randomUUID().slice(0, 8)}`;
  /** An administrator's client. */
  client!: KubeClient;
  #folder!: string;
  #kubeconfig!: string;
  readonly #children = new Map<string, ChildProcess>();
  /** The lines that the peer has printed. */
  readonly printed: string[] = [];

  async start(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), "api-server-e2e-"));
    this.#kubeconfig = await this.#reachable(cluster.kubeconfig);
    this.client = new KubeClient(await fromKubeconfig({ file: cluster.kubeconfig }));
    await installDefinitions();
    const namespaces = ["kubevirt", this.namespace].map((name) => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name },
    }));
    await this.apply(...namespaces);
    for (const name of ["kubevirt", this.namespace]) {
      await eventually(() => cluster.kubectl(["get", "serviceaccount", "default", `--namespace=${name}`]));
    }
    // A cluster has one Service and one API group for this, so stop an installed add-on first.
    await stopInstalled(cluster);
    await cluster.kubectl(["apply", "--server-side", "--force-conflicts", `--filename=${registration}`]);
    await this.apply(apiEndpoint(endpoint), ...daemonOn(node));
    const status = {
      phase: "Running",
      podIP: addresses.controlPlane,
      podIPs: [{ ip: addresses.controlPlane }],
      conditions: [{ type: "Ready", status: "True" }],
    };
    await cluster.kubectl([
      "patch",
      "pod",
      `daemon-${node}`,
      "--namespace=kubevirt",
      "--subresource=status",
      "--type=merge",
      `--patch=${JSON.stringify({ status })}`,
    ]);
    await this.run("serve", ["--port=8443"]);
    await eventually(() => cluster.kubectl(["get", "secret", "virt-node-daemon-tls", "--namespace=kubevirt"]));
    await this.run("peer", ["--port=8187"]);
    await cluster.kubectl([
      "wait",
      "apiservice",
      "v1.subresources.kubevirt.io",
      "--for=condition=Available",
      "--timeout=120s",
    ]);
    await cluster.kubectl([
      "wait",
      "apiservice",
      "v1alpha3.subresources.kubevirt.io",
      "--for=condition=Available",
      "--timeout=120s",
    ]);
    await eventually(() => this.get("virtualmachines/nothing/expand-spec").catch(onlyIf(404)));
  }

  async stop(): Promise<void> {
    for (const name of this.#children.keys()) await this.end(name);
    const services = ["v1", "v1alpha3"].map((version) => `apiservice/${version}.subresources.kubevirt.io`);
    const gone = (...args: readonly string[]) => cluster.kubectl(["delete", ...args, "--ignore-not-found"]);
    // Delete these before the services that answer for them.
    await gone("vm,vmi", "--all", `--namespace=${this.namespace}`);
    await gone(...services, `node/${node}`);
    await gone(`namespace/${this.namespace}`, "--wait=false");
    await gone("pod", `daemon-${node}`, "--namespace=kubevirt", "--force", "--grace-period=0");
    await gone(`endpointslice/${endpoint}`, "--namespace=kubevirt");
    this.client.close();
    await rm(this.#folder, { recursive: true });
  }

  /** Starts a program beside this file in the control plane's network, and waits until it listens. */
  async run(name: "serve" | "peer", args: readonly string[]): Promise<void> {
    const init = await cluster.controlPlane.init();
    const program = join(import.meta.dirname, `${name}.ts`);
    const inside = [process.execPath, program, `--kubeconfig=${this.#kubeconfig}`, ...args];
    const child = spawn("nsenter", [`--net=/proc/${init}/ns/net`, ...inside], { stdio: ["ignore", "pipe", "inherit"] });
    this.#children.set(name, child);
    const lines = createInterface(child.stdout);
    const listening = Promise.withResolvers<void>();
    lines.on("line", (line) => {
      if (line.startsWith("listening")) listening.resolve();
      else this.printed.push(line);
    });
    child.once("exit", (code) => listening.reject(new Error(`${name} ended with ${code}`)));
    listening.promise.catch(() => {});
    await listening.promise;
  }

  async end(name: string, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.#children.get(name);
    this.#children.delete(name);
    if (!child || child.exitCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  }

  async apply(...objects: readonly object[]): Promise<void> {
    await cluster.kubectl(["apply", "--filename=-"], {
      input: objects.map((one) => JSON.stringify(one)).join("\n---\n"),
    });
  }

  /** Makes objects in the tests' namespace, each with a status if one is given. */
  async make(object: { kind?: string; metadata?: { name?: string } }, status?: object): Promise<void> {
    const input = JSON.stringify(object);
    await cluster.kubectl(["apply", `--namespace=${this.namespace}`, "--filename=-"], { input });
    if (!status) return;
    await cluster.kubectl([
      "patch",
      `${object.kind?.toLowerCase()}/${object.metadata?.name}`,
      `--namespace=${this.namespace}`,
      "--subresource=status",
      "--type=merge",
      `--patch=${JSON.stringify({ status })}`,
    ]);
  }

  path(subresource: string, version = "v1"): string {
    return `/apis/subresources.kubevirt.io/${version}/namespaces/${this.namespace}/${subresource}`;
  }

  async get(subresource: string) {
    return this.client.raw("GET", this.path(subresource));
  }

  /** Sends a PUT like the stock client: without a Content-Type. */
  async put(subresource: string, body = "") {
    return this.client.raw("PUT", this.path(subresource), { body });
  }

  /** Writes a kubeconfig with the API server's address in the control plane's network. */
  async #reachable(kubeconfig: string): Promise<string> {
    const text = await readFile(kubeconfig, "utf8");
    const file = join(this.#folder, "kubeconfig");
    const server = `https://${addresses.controlPlane}:${apiServerPort}`;
    await writeFile(file, text.replace(/https:\/\/127\.0\.0\.1:\d+/, server), { mode: 0o600 });
    return file;
  }
}

/** Sets up the environment of a test file. */
export function useEnvironment(): Environment {
  const environment = new Environment();
  beforeAll(() => environment.start());
  afterAll(() => environment.stop());
  return environment;
}

/** Awaits a request that must fail, and returns its refusal. */
export async function refusal(request: Promise<unknown>): Promise<{ code: number; message: string }> {
  try {
    await request;
  } catch (error) {
    if (error instanceof ApiError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error("it was not refused");
}

function onlyIf(code: number): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof ApiError && error.code === code) return undefined;
    throw error;
  };
}
