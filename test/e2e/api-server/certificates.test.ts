import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { KubeClient } from "../../../api/kube/client/client.ts";
import { fromKubeconfig } from "../../../api/kube/credentials/kubeconfig.ts";
import { secrets } from "../../../api/kube/resources/core-resources.ts";
import { issue, makeAuthority } from "../../../controller/certificates/authority.ts";
import { certificatesOf } from "../../../controller/certificates/inspect.ts";
import { CertificateManager } from "../../../controller/certificates/manager.ts";
import { defaultPolicy, type Policy } from "../../../controller/certificates/policy.ts";
import { type Material, materialOf } from "../../../controller/certificates/secret.ts";
import { secretNames, subjects } from "../../../controller/certificates/subjects.ts";
import { cluster, eventually } from "../cluster.ts";

const namespaces = ["certificates-a", "certificates-b", "certificates-c", "certificates-d"] as const;
type Namespace = (typeof namespaces)[number];
let client: KubeClient;
let ending = new AbortController();
let running: Promise<void>[] = [];

beforeAll(async () => {
  client = new KubeClient(await fromKubeconfig({ file: cluster.kubeconfig }));
  for (const name of namespaces) await cluster.kubectl(["create", "namespace", name]);
});

afterEach(async () => {
  ending.abort();
  await Promise.all(running);
  ending = new AbortController();
  running = [];
});

afterAll(async () => {
  await cluster.kubectl(["delete", "namespace", ...namespaces]);
  client.close();
});

function keep(namespace: Namespace, policy: Policy = defaultPolicy): CertificateManager {
  const manager = new CertificateManager({ client, namespace, policy });
  running.push(manager.run(ending.signal));
  return manager;
}

async function secret(namespace: Namespace, name: string): Promise<{ material: Material; version: string }> {
  const found = await client.get(secrets, { namespace, name });
  const material = materialOf(found);
  if (!material) throw new Error(`${name} is not complete`);
  return { material, version: found.metadata?.resourceVersion ?? "" };
}

const versions = async (namespace: Namespace): Promise<string[]> =>
  Promise.all(Object.values(secretNames).map(async (name) => (await secret(namespace, name)).version));

test("controllers that begin at once agree, and then leave the Secrets alone", async () => {
  const keepers = [1, 2, 3].map(() => keep("certificates-a"));
  await eventually(async () => {
    for (const leaf of ["server", "controller", "daemon"] as const) {
      const { material } = await secret("certificates-a", secretNames[leaf]);
      for (const { materials } of keepers) expect(materials[leaf].current()).toEqual(material);
    }
  });
  const before = await versions("certificates-a");
  const late = keep("certificates-a");
  await late.materials.daemon.known(ending.signal);
  expect(await versions("certificates-a")).toEqual(before);
});

test("a Secret that is deleted is made again, by an authority that is trusted", async () => {
  const manager = keep("certificates-b");
  const before = await manager.materials.daemon.known(ending.signal);
  await cluster.kubectl(["delete", "secret", secretNames.daemon, "--namespace=certificates-b"]);
  await eventually(async () => {
    const { material } = await secret("certificates-b", secretNames.daemon);
    expect(material.cert).not.toBe(before.cert);
    expect(material.ca).toBe(before.ca);
  });
});

test("a certificate that cert-manager keeps is used and not written", async () => {
  const now = Date.now();
  const validity = { notBefore: new Date(now - 1000), notAfter: new Date(now + 1000) };
  const authority = await makeAuthority("somebody else", validity);
  const pair = await issue(authority, subjects("virt-api", "certificates-c").server, validity);
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  const made = await client.create(secrets, {
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/tls",
    metadata: { namespace: "certificates-c", name: secretNames.server },
    data: {
      "tls.crt": base64(pair.certificate),
      "tls.key": base64(pair.key),
      "ca.crt": base64(authority.certificate),
    },
  });
  const manager = keep("certificates-c");
  expect((await manager.materials.server.known(ending.signal)).cert).toBe(pair.certificate);
  await manager.materials.daemon.known(ending.signal);
  expect((await secret("certificates-c", secretNames.server)).version).toBe(made.metadata?.resourceVersion);
});

test("while everything is renewed, daemons and controllers that lag behind still trust each other", async () => {
  const policy = { authority: 72_000, certificate: 18_000, announcement: 6000 };
  const [daemon, controller] = [keep("certificates-d", policy), keep("certificates-d", policy)];
  const shown = { daemon: daemon.materials.daemon, controller: controller.materials.controller };
  await shown.controller.known(ending.signal);
  let lagging = {
    server: await shown.daemon.known(ending.signal),
    client: await shown.controller.known(ending.signal),
  };
  const authorities = new Set<string>();
  const certificates = new Set<string>();
  const until = Date.now() + 70_000;
  while (Date.now() < until) {
    const fresh = { server: shown.daemon.current(), client: shown.controller.current() };
    if (!fresh.server || !fresh.client) throw new Error("there is a moment without a certificate");
    for (const [server, peer] of [
      [fresh.server, fresh.client],
      [lagging.server, fresh.client],
      [fresh.server, lagging.client],
    ] as const) {
      expect(await handshake(server, peer)).toBe(true);
    }
    for (const one of certificatesOf(fresh.server.ca)) authorities.add(one);
    certificates.add(fresh.server.cert);
    // As a kubelet that hands Secrets on late.
    await delay(1000);
    lagging = { server: fresh.server, client: fresh.client };
  }
  expect(authorities.size).toBeGreaterThanOrEqual(2);
  expect(certificates.size).toBeGreaterThanOrEqual(4);
}, 200_000);

/** Whether a server and a client with these take each other. */
async function handshake(server: Material, peer: Material): Promise<boolean> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  listener.on("connection", (socket) => {
    const secure = new tls.TLSSocket(socket, {
      ...server,
      isServer: true,
      requestCert: true,
      rejectUnauthorized: true,
    });
    secure.on("error", () => socket.destroy());
    secure.on("secure", () => secure.end("hello"));
  });
  const { port } = listener.address() as AddressInfo;
  const socket = tls.connect({ ...peer, port, host: "127.0.0.1", servername: "virt-node-daemon" });
  try {
    const [data] = await once(socket, "data");
    return String(data) === "hello";
  } finally {
    socket.destroy();
    listener.close();
  }
}
