import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Registry } from "prom-client";
import { sharedServerName } from "../../../api/contract/daemon-certificate.ts";
import type { VirtualMachineInstance } from "../../../api/resources.ts";
import type { FrontProxy } from "../../../controller/api-server/front-proxy.ts";
import type { Limits } from "../../../controller/api-server/limits.ts";
import { apiServerMetrics } from "../../../controller/api-server/request-metrics.ts";
import { type ServingTls, serve } from "../../../controller/api-server/server.ts";
import { Value } from "../../../controller/api-server/watched-value.ts";
import { slimInstance } from "../../../controller/cache/slim-instance.ts";
import { aLargeMachine } from "../../e2e/large-machine.ts";

/** The settings of the server under test. */
export interface ServingSetting {
  /** The folder of the server's own certificate. */
  readonly tlsFolder: string;
  /** The authority of the front proxy and of the daemons. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** The local port of the one node daemon. */
  readonly daemonPort: number;
  readonly limits?: Partial<Limits>;
}

/**
 * Runs the aggregated API server in a separate process, in front of a node daemon. Every instance exists and runs, and
 * every user has all rights. It prints its port, and stops in order on SIGTERM.
 */
async function main({ tlsFolder, ca, cert, key, daemonPort, limits = {} }: ServingSetting): Promise<void> {
  const stop = new AbortController();
  /** One object for all calls: the client would make new connections for another object. */
  const tls = { ca, cert, key };
  process.once("SIGTERM", () => stop.abort());
  const [shown, shownKey] = await Promise.all(
    ["tls.crt", "tls.key"].map((name) => readFile(join(tlsFolder, name), "utf8")),
  );
  const instance = (namespace: string, name: string): VirtualMachineInstance => ({
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachineInstance",
    metadata: { namespace, name },
    spec: { domain: { devices: { interfaces: [{ name: "default", masquerade: {} }] } } },
    status: { phase: "Running", nodeName: "node" },
  });
  const registry = new Registry();
  const large = aLargeMachine("large", { runStrategy: "Halted", disks: 8 });
  await serve(
    {
      port: 0,
      host: "127.0.0.1",
      serving: new Value<ServingTls>({ cert: shown ?? "", key: shownKey ?? "" }),
      frontProxy: new Value<FrontProxy>({
        ca,
        allowedNames: [],
        usernameHeaders: ["X-Remote-User"],
        uidHeaders: [],
        groupHeaders: [],
        extraHeadersPrefixes: [],
      }),
      authorizer: { refusal: async () => undefined },
      objects: {
        machine: async () => undefined,
        instance: async ({ namespace, name }) => slimInstance(instance(namespace, name)),
        wholeMachine: async ({ namespace, name }, _live, use) =>
          use({ ...large, metadata: { ...large.metadata, namespace, name } }),
      },
      machines: { change: async () => {} },
      evictions: { obstacle: async () => undefined },
      daemons: { find: () => ({ address: "127.0.0.1", serverName: sharedServerName }) },
      daemonTls: () => tls,
      daemonPort,
      metrics: apiServerMetrics(registry),
      limits,
      build: { commit: "0000000", date: "1970-01-01T00:00:00Z" },
      registry,
      unready: () => [],
      onListening: (port) => process.stdout.write(`${port}\n`),
    },
    stop.signal,
  );
}

await main(JSON.parse(process.argv[2] ?? "") as ServingSetting);
