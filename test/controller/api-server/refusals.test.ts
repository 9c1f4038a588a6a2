import { once } from "node:events";
import { rm } from "node:fs/promises";
import https from "node:https";
import { dirname } from "node:path";
import { text } from "node:stream/consumers";
import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { VirtualMachineInstance } from "../../../api/resources.ts";
import type { FrontProxy } from "../../../controller/api-server/front-proxy.ts";
import { type ServingTls, serve } from "../../../controller/api-server/server.ts";
import { Value } from "../../../controller/api-server/watched-value.ts";
import { slimMachine } from "../../../controller/cache/slim-machine.ts";
import { makeCertificates } from "../../e2e/relay/certificates.ts";
import { aMachine, aSlimInstance } from "../builders.ts";
import { type Answer, printed, type Reader } from "./stock-client.ts";

const ending = new AbortController();
let options: https.RequestOptions;
let running: Promise<void>;
let folder: string;

/** There are a machine and an instance `web`, which runs nowhere, and one `idle`; `mallory` may do nothing. */
beforeAll(async () => {
  const certificates = await makeCertificates();
  const { serverFolder, ca, controller: me } = certificates;
  folder = dirname(serverFolder);
  const shown = await certificates.renew();
  const instances: Readonly<Record<string, VirtualMachineInstance["status"]>> = {
    web: { phase: "Running", nodeName: "gone" },
    idle: { phase: "Scheduling" },
  };
  const web = aMachine({ spec: { runStrategy: "Always" } });
  const listening = Promise.withResolvers<number>();
  running = serve(
    {
      port: 0,
      host: "127.0.0.1",
      serving: new Value<ServingTls>({ cert: shown.certificate, key: shown.key }),
      frontProxy: new Value<FrontProxy>({
        ca,
        allowedNames: [],
        usernameHeaders: ["X-Remote-User"],
        uidHeaders: [],
        groupHeaders: [],
        extraHeadersPrefixes: [],
      }),
      authorizer: { refusal: async ({ name }) => (name === "mallory" ? "mallory may not" : undefined) },
      objects: {
        machine: async ({ name }) => (name === "web" ? slimMachine(web) : undefined),
        instance: async ({ name }) => {
          const status = instances[name];
          return status && aSlimInstance({ metadata: { name, namespace: "default" }, status });
        },
        wholeMachine: async ({ name }, _live, use) => use(name === "web" ? web : undefined),
      },
      machines: { change: async () => {} },
      evictions: { obstacle: async () => undefined },
      daemons: { find: () => undefined },
      daemonTls: () => undefined,
      build: { commit: "0000000", date: "1970-01-01T00:00:00Z" },
      registry: new Registry(),
      unready: () => [],
      onListening: listening.resolve,
    },
    ending.signal,
  );
  options = {
    host: "127.0.0.1",
    port: await listening.promise,
    servername: "virt-node-daemon",
    ca,
    cert: me.certificate,
    key: me.key,
  };
});

afterAll(async () => {
  ending.abort();
  await running;
  await rm(folder, { recursive: true });
});

const prefix = "/apis/subresources.kubevirt.io/v1";
const handshake = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

async function ask(
  method: string,
  path: string,
  user = "alice",
  headers: Record<string, string> = {},
  body = "{}",
): Promise<Answer> {
  const request = https.request({
    ...options,
    method,
    path: path.startsWith("/") ? `${prefix}${path}` : `${prefix}/namespaces/default/${path}`,
    headers: { "x-remote-user": user, ...headers },
  });
  request.end(method === "PUT" ? body : "");
  const [answer] = await once(request, "response");
  const { statusCode: status, headers: got } = answer;
  return { status, contentType: got["content-type"] ?? "", body: await text(answer) };
}

const says = (what: string): string => `an error on the server ("${what}") has prevented the request from succeeding`;
const noInstance = 'virtualmachineinstance.kubevirt.io "absent" not found';
const noMachine = 'virtualmachine.kubevirt.io "absent" not found';

describe("the stock client shows why it is refused", () => {
  test.for<readonly [method: string, path: string, reader: Reader, status: number, shown: string]>([
    ["GET", "/guestfs", "raw", 501, says("guestfs: no image to inspect disks with is configured")],
    ["POST", "/version", "raw", 405, "the server does not allow this method on the requested resource"],
    [
      "GET",
      "virtualmachineinstances/web/guestosinfo",
      "raw",
      501,
      says("virtualmachineinstances/guestosinfo: not supported"),
    ],
    [
      "GET",
      "virtualmachineinstances/absent/guestosinfo",
      "raw",
      404,
      "the server could not find the requested resource",
    ],
    ...["userlist", "filesystemlist", "objectgraph", "sev/fetchcertchain"].flatMap((name) => [
      ["GET", `virtualmachineinstances/absent/${name}`, "decoded", 404, noInstance] as const,
      [
        "GET",
        `virtualmachineinstances/web/${name}`,
        "decoded",
        501,
        `virtualmachineinstances/${name}: not supported`,
      ] as const,
    ]),
    ...["addvolume", "removevolume", "migrate", "memorydump", "removememorydump", "evacuate/cancel"].flatMap((name) => [
      ["PUT", `virtualmachines/absent/${name}`, "decoded", 404, noMachine] as const,
      ["PUT", `virtualmachines/web/${name}`, "decoded", 501, `virtualmachines/${name}: not supported`] as const,
    ]),
    ["PUT", "virtualmachines/absent/start", "decoded", 404, noMachine],
    ["PUT", "virtualmachineinstances/absent/pause", "decoded", 404, noInstance],
    ["GET", "virtualmachineinstances/idle/vnc/screenshot", "decoded", 400, "VMI is not running"],
    ["GET", "virtualmachineinstances/web/vnc/screenshot", "decoded", 503, 'no node daemon is running on node "gone"'],
    ["GET", "virtualmachines/absent/expand-spec", "decoded", 404, noMachine],
    ["PUT", "expand-vm-spec", "decoded", 400, "the body is empty; it should be a VirtualMachine"],
    ["GET", "/start-cluster-profiler", "decoded", 404, "start-cluster-profiler: there is no such resource"],
    ...["console", "vnc", "portforward/22/tcp", "usbredir", "vsock"].map(
      (name) => ["GET", `virtualmachineinstances/absent/${name}`, "websocket", 404, noInstance] as const,
    ),
    ["GET", "virtualmachineinstances/idle/console", "websocket", 400, "VMI is not running"],
    [
      "GET",
      "virtualmachineinstances/web/usbredir",
      "websocket",
      501,
      "virtualmachineinstances/usbredir: not supported",
    ],
  ])("%s %s, read %s", async ([method, path, reader, status, shown]) => {
    const answer = await ask(method, path, "alice", reader === "websocket" ? handshake : {});
    expect([answer.status, printed(answer, reader)]).toEqual([status, shown]);
  });

  test("who has made a claim for a dump is told that it stays", async () => {
    const answer = await ask("PUT", "virtualmachines/web/memorydump", "alice", {}, '{"claimName": "dump"}');
    expect(printed(answer, "decoded")).toContain('PersistentVolumeClaim "dump" stays as it is');
  });

  test("who may not ask is told so first, whatever is there and however it is read", async () => {
    for (const [path, reader] of [
      ["virtualmachineinstances/absent/guestosinfo", "raw"],
      ["virtualmachineinstances/web/userlist", "decoded"],
    ] as const) {
      const answer = await ask("GET", path, "mallory");
      expect([path, answer.status, printed(answer, reader)]).toEqual([path, 403, "mallory may not"]);
    }
  });
});
