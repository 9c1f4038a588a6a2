import { beforeAll, describe, expect, test } from "vitest";
import { KubeClient } from "../../../api/kube/client/client.ts";
import { openWebSocket } from "../../../api/kube/client/websocket.ts";
import { fromKubeconfig } from "../../../api/kube/credentials/kubeconfig.ts";
import { addresses } from "../../../cluster/fabric.ts";
import { cluster, eventually } from "../cluster.ts";
import { node, refusal, useEnvironment } from "./environment.ts";
import { aMachine, anInstance } from "./objects.ts";

const environment = useEnvironment();
const { namespace } = environment;
const server = `https://${addresses.controlPlane}:8443`;
const prefix = "/apis/subresources.kubevirt.io/v1";

beforeAll(async () => {
  await cluster.kubectl(["apply", "--filename=deploy/manifests/user-roles.yaml"]);
  await environment.make(aMachine("machine", "Halted"));
  await environment.make(anInstance("instance"), { phase: "Running", nodeName: node });
});

/** A client of a user with a role in the tests' namespace, or with none. */
async function aUser(name: string, role?: string): Promise<KubeClient> {
  await cluster.kubectl(["create", "serviceaccount", name, `--namespace=${namespace}`]);
  if (role) {
    const account = `--serviceaccount=${namespace}:${name}`;
    await cluster.kubectl([
      "create",
      "rolebinding",
      name,
      `--clusterrole=${role}`,
      account,
      `--namespace=${namespace}`,
    ]);
  }
  const token = (await cluster.kubectl(["create", "token", name, `--namespace=${namespace}`])).trim();
  const admin = await fromKubeconfig({ file: cluster.kubeconfig });
  const { ca } = (await admin.access()).tls;
  const tls = ca === undefined ? {} : { ca };
  return new KubeClient({
    server: admin.server,
    namespace,
    access: async () => ({ headers: { authorization: `Bearer ${token}` }, tls }),
    refused: async () => false,
  });
}

describe("users", () => {
  test("who are in hundreds of groups are served as others are", async () => {
    const groups = Array.from(
      { length: 400 },
      (_, number) => `--as-group=oidc:department-${number}-of-a-large-company`,
    );
    const path = environment.path("virtualmachines/machine/expand-spec");
    const shown = await cluster.kubectl(["get", "--raw", path, "--as=jane", "--as-group=system:masters", ...groups]);
    expect(JSON.parse(shown)).toMatchObject({ kind: "VirtualMachine" });
  });

  test("who may view a namespace see machines and touch nothing", async () => {
    const viewer = await aUser("viewer", "view");
    await eventually(() => viewer.raw("GET", environment.path("virtualmachines/machine/expand-spec")));
    for (const [method, path] of [
      ["PUT", "virtualmachines/machine/start"],
      ["PUT", "virtualmachineinstances/instance/pause"],
      ["GET", "virtualmachineinstances/instance/console"],
      ["GET", "virtualmachineinstances/instance/vnc/screenshot"],
    ] as const) {
      expect(await refusal(viewer.raw(method, environment.path(path)))).toMatchObject({ code: 403 });
    }
    expect((await viewer.raw("GET", `${prefix}/version`)).status).toBe(200);
  });

  test("who may edit a namespace start machines and get to consoles, by their own names", async () => {
    const editor = await aUser("editor", "edit");
    await eventually(() => editor.raw("PUT", environment.path("virtualmachines/machine/start"), { body: "{}" }));
    const socket = await openWebSocket(editor, environment.path("virtualmachineinstances/instance/console"));
    const first = new Promise<string>((resolve) => socket.once("message", (data: Buffer) => resolve(data.toString())));
    socket.resume();
    const asked = new URL(await first, "https://peer");
    expect(asked.searchParams.get("user")).toBe(`system:serviceaccount:${namespace}:editor`);
    socket.terminate();
  });

  test("who may edit a namespace take no pictures of screens, and who administer it do", async () => {
    const shot = environment.path("virtualmachineinstances/instance/vnc/screenshot");
    const admin = await aUser("administrator", "admin");
    await eventually(() => admin.raw("GET", shot));
    const editor = await aUser("another-editor", "edit");
    await eventually(() => editor.raw("GET", environment.path("virtualmachines/machine/expand-spec")));
    const message = expect.stringContaining('cannot get resource "virtualmachineinstances/vnc/screenshot"') as string;
    expect(await refusal(editor.raw("GET", shot))).toEqual({ code: 403, message });
  });

  test("who may use the screen only may not take pictures of it", async () => {
    const role = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "api-server-test-screen" },
      rules: [{ apiGroups: ["subresources.kubevirt.io"], resources: ["virtualmachineinstances/vnc"], verbs: ["get"] }],
    };
    await environment.apply(role);
    const guest = await aUser("guest", role.metadata.name);
    const denied = expect.stringMatching(/cannot get resource "virtualmachineinstances\/vnc\/screenshot"/) as string;
    await eventually(async () => {
      const shot = environment.path("virtualmachineinstances/instance/vnc/screenshot");
      expect(await refusal(guest.raw("GET", shot))).toEqual({ code: 403, message: denied });
    });
    await cluster.kubectl(["delete", "clusterrole", role.metadata.name]);
  });

  test("without a role are refused, and are allowed soon after they get one", async () => {
    const nobody = await aUser("nobody");
    const path = environment.path("virtualmachineinstances/instance/reset");
    expect(await refusal(nobody.raw("PUT", path))).toMatchObject({ code: 403 });
    const account = `--serviceaccount=${namespace}:nobody`;
    await cluster.kubectl([
      "create",
      "rolebinding",
      "later",
      "--clusterrole=edit",
      account,
      `--namespace=${namespace}`,
    ]);
    await eventually(() => nobody.raw("PUT", path));
  });
});

describe("requests that do not come from the API server", () => {
  const path = `${server}${prefix}/namespaces/${namespace}/virtualmachines/machine/expand-spec`;
  const curl = (...args: readonly string[]): Promise<string> =>
    cluster.controlPlane.run(["curl", "--silent", "--insecure", ...args]);
  const pair = (name: string): string[] => ["crt", "key"].map((kind) => `/etc/kubernetes/pki/${name}.${kind}`);
  const forged = ["--header", "X-Remote-User: admin", "--header", "X-Remote-Group: system:masters"];

  test("are refused, whatever they say and whichever certificate they have", async () => {
    const [adminCert = "", adminKey = ""] = pair("admin");
    for (const args of [[], forged, [...forged, "--cert", adminCert, "--key", adminKey]]) {
      expect(JSON.parse(await curl(...args, path))).toMatchObject({
        kind: "Status",
        code: 401,
        reason: "Unauthorized",
      });
    }
  });

  test("are taken with the front proxy's certificate, when they name a user", async () => {
    const [cert = "", key = ""] = pair("front-proxy-client");
    const proxy = ["--cert", cert, "--key", key];
    expect(JSON.parse(await curl(...proxy, path))).toMatchObject({ code: 401 });
    expect(JSON.parse(await curl(...proxy, ...forged, path))).toMatchObject({ kind: "VirtualMachine" });
    expect(JSON.parse(await curl(...proxy, "--header", "X-Remote-User: stranger", path))).toMatchObject({ code: 403 });
  });

  test("get to the health, the metrics, the version and the discovery", async () => {
    for (const name of ["/healthz", "/readyz", "/livez", "/metrics", "/apis", "/openapi/v2", `${prefix}/version`]) {
      const answer = await curl("--output", "/dev/null", "--write-out", "%{http_code}", `${server}${name}`);
      expect([name, answer]).toEqual([name, "200"]);
    }
    expect(await curl(`${server}/metrics`)).toMatch(/^virt_api_requests_total\{resource="version",code="200"\} \d+$/m);
  });
});
