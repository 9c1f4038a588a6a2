import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { KubeClient } from "../../../api/kube/client/client.ts";
import { fromKubeconfig } from "../../../api/kube/credentials/kubeconfig.ts";
import { certificateRequests } from "../../../api/kube/resources/certificate-requests.ts";
import { pods, secrets } from "../../../api/kube/resources/core-resources.ts";
import { requestCertificate } from "../../../node-daemon/adapters/kube/certificate.ts";
import { cluster, eventually, nodes } from "../cluster.ts";
import { aRequest } from "../node-daemon/certificate-request.ts";
import { daemonClient } from "../node-daemon/token.ts";
import { tiny, useStage } from "./stage.ts";

const stage = useStage("node-certificates");
const [own, other] = nodes.map(({ name }) => name) as [string, string];
let admin: KubeClient;

beforeAll(async () => {
  admin = new KubeClient(await fromKubeconfig({ file: cluster.kubeconfig }));
});
afterAll(() => admin.close());

/** The daemon's pod on a node. */
async function daemonOf(node: string): Promise<{ name: string; ip: string }> {
  const selection = { labelSelector: "kubevirt.io=virt-handler", fieldSelector: `spec.nodeName=${node}` };
  const { items } = await admin.list(pods, { namespace: "kubevirt", ...selection });
  const found = items.find(({ metadata, status }) => !metadata?.deletionTimestamp && status?.podIP);
  if (!found) throw new Error(`no daemon runs on ${node}`);
  return { name: found.metadata?.name ?? "", ip: found.status?.podIP ?? "" };
}

/** What a client that trusts the add-on's authority, and wants a name, is answered by a node's daemon. */
async function healthOf(node: string, name: string): Promise<string> {
  const { data } = await admin.get(secrets, { namespace: "kubevirt", name: "virt-node-daemon-tls" });
  const { ip } = await daemonOf(node);
  const script = [
    'echo "$1" | base64 -d > /tmp/node-certificates.ca',
    'curl --silent --show-error --max-time 10 --cacert /tmp/node-certificates.ca --resolve "$2:8187:$3" "https://$2:8187/healthz" 2>&1 || true',
  ].join("\n");
  return cluster.controlPlane.run(["sh", "-c", script, "sh", data?.["ca.crt"] ?? "", name, ip]);
}

/** The certificate (PEM) that comes of a request. */
async function signed(name: string): Promise<string> {
  const { status } = await eventually(async () => {
    const found = await admin.get(certificateRequests, { name });
    if (found.status?.certificate) return found;
    throw new Error(`${name} is not signed: ${JSON.stringify(found.status)}`);
  });
  return Buffer.from(status?.certificate ?? "", "base64").toString();
}

test("each node's daemon shows a certificate of its node, and of no other", async () => {
  for (const [node, stranger] of [
    [own, other],
    [other, own],
  ] as const) {
    await eventually(async () => expect(await healthOf(node, `${node}.virt-node-daemon`)).toBe("ok"));
    expect(await healthOf(node, `${stranger}.virt-node-daemon`)).toContain(
      "no alternative certificate subject name matches",
    );
  }
});

test("a controller of the release before reaches a daemon by the name that all share", async () => {
  expect(await healthOf(own, "virt-node-daemon")).toBe("ok");
});

test("the token of one node's daemon gets a certificate of that node, whatever it asks for", async () => {
  const thief = await daemonClient(`Pod/${(await daemonOf(own)).name}`);
  const request = aRequest({}, `${other}.virt-node-daemon`);
  const { metadata } = await thief.create(certificateRequests, request);
  const certificate = new X509Certificate(await signed(metadata?.name ?? ""));
  expect(certificate.subjectAltName).toBe(`DNS:${own}.virt-node-daemon`);
  expect(certificate.checkPrivateKey(request.key)).toBe(true);
  expect(certificate.ca).toBe(false);
  thief.close();
});

test("who is no node daemon gets none", async () => {
  const request = Buffer.from(aRequest().spec.request, "base64").toString();
  await expect(requestCertificate(admin, { node: own, request }, AbortSignal.timeout(60_000))).rejects.toThrow(
    /^request virt-node-daemon-node-1-\w+ is Denied: .* is not the node daemons' account/,
  );
});

test("a daemon that starts anew has another certificate, and its machines' consoles go on being reached", async () => {
  await stage.virtOk(`create web ${tiny} --wait`);
  const node = await stage.field("vmi", "web", ".status.nodeName");
  const prompt = (): Promise<string> => stage.virtOk("console web --until login: --timeout 60s", "\n");
  await prompt();
  await cluster.kubectl(["delete", "pod", (await daemonOf(node)).name, "--namespace=kubevirt"]);
  await cluster.kubectl(["rollout", "status", "daemonset/virt-node-daemon", "--namespace=kubevirt", "--timeout=120s"]);
  await eventually(async () => expect(await healthOf(node, `${node}.virt-node-daemon`)).toBe("ok"));
  await eventually(prompt);
});
