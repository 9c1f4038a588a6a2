import { parseArgs } from "node:util";
import { Registry } from "prom-client";
import { KubeClient } from "../../../api/kube/client/client.ts";
import { fromKubeconfig } from "../../../api/kube/credentials/kubeconfig.ts";
import { runApiServer } from "../../../controller/api-server/run.ts";
import { instanceReflector } from "../../../controller/cache/slim-instance.ts";
import { machineReflector } from "../../../controller/cache/slim-machine.ts";
import { CertificateManager } from "../../../controller/certificates/manager.ts";

/** Runs the aggregated API server and the certificate manager without the rest of the controller, for tests. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { kubeconfig: { type: "string" }, port: { type: "string" } } });
  const ending = new AbortController();
  const { signal } = ending;
  process.once("SIGTERM", () => ending.abort());
  const client = new KubeClient(await fromKubeconfig({ file: values.kubeconfig }));
  const log = (level: string, message: string, fields: object = {}): void => {
    if (level !== "debug") process.stderr.write(`${level} ${message} ${JSON.stringify(fields, shown)}\n`);
  };
  const cache = { machines: machineReflector(client), instances: instanceReflector(client) };
  const manager = new CertificateManager({ client, namespace: "kubevirt", log });
  const watching = [cache.machines.run(signal), cache.instances.run(signal), manager.run(signal)];
  await manager.materials.server.known(signal);
  await runApiServer(
    {
      client,
      stores: { machines: cache.machines.store, instances: cache.instances.store },
      namespace: "kubevirt",
      port: Number(values.port ?? 8443),
      serving: manager.materials.server,
      daemonTls: manager.materials.controller,
      registry: new Registry(),
      build: { commit: "0000000", date: "1970-01-01T00:00:00Z" },
      guestfsImage: "registry.test:5000/virt/libguestfs-tools:v1.9",
      unready: () => [],
      configVersion: () => "1234",
      onListening: (port) => process.stdout.write(`listening on ${port}\n`),
      log,
    },
    signal,
  );
  await Promise.all(watching);
  client.close();
}

const shown = (_key: string, value: unknown): unknown => (value instanceof Error ? String(value) : value);

await main();
