import { expect, test } from "vitest";
import { routeOf } from "../../../node-daemon/server/route.ts";

const base = "/v1/namespaces/default/virtualmachineinstances/vm";
const of = (more: string, method = "GET") => routeOf(method, `${base}/${more}`);

test.for([
  ["GET", "console?readOnly=true&user=ann%20b", "ann b", { kind: "console", readOnly: true }],
  ["GET", "console", "", { kind: "console", readOnly: false }],
  ["GET", "console/log?follow=true&user=ann", "ann", { kind: "console-log", follow: true, previous: false }],
  ["GET", "vnc?preserveSession=true", "", { kind: "vnc", preserveSession: true, shared: false }],
  ["GET", "vnc?shared=true", "", { kind: "vnc", preserveSession: false, shared: true }],
  ["GET", "vnc/screenshot?moveCursor=false", "", { kind: "screenshot", moveCursor: false }],
  ["GET", "portforward/22?user=ann", "ann", { kind: "port-forward", port: 22, protocol: "tcp" }],
  ["GET", "portforward/53/udp", "", { kind: "port-forward", port: 53, protocol: "udp" }],
  ["PUT", "softreboot", "", { kind: "operation", operation: "softreboot" }],
] as const)("%s %s is understood, of user %j", ([method, path, user, action]) => {
  expect(of(path, method)).toEqual({ kind: "instance", namespace: "default", name: "vm", user, action });
});

test.for([
  ["POST", "console", 405, `POST ${base}/console: use GET`],
  ["GET", "pause", 405, `GET ${base}/pause: use PUT`],
  ["GET", "consoles", 404, `${base}/consoles: no such path`],
  ["GET", "console/log/x", 404, `${base}/console/log/x: no such path`],
  ["GET", "portforward/22/tcp/x", 404, `${base}/portforward/22/tcp/x: no such path`],
  ["GET", "portforward/0", 400, 'port: "0" is not a number from 1 to 65535'],
  ["GET", "portforward/22x", 400, 'port: "22x" is not a number from 1 to 65535'],
  ["GET", "portforward/22/sctp", 400, 'protocol: "sctp" is neither tcp nor udp'],
  ["GET", "console?readOnly=yes", 400, 'readOnly: "yes" is neither true nor false'],
  ["GET", "%zz", 400, 'path: "%zz" is not percent-encoded text'],
] as const)("%s %s is refused with %i: %s", ([method, path, code, message]) => {
  expect(() => of(path, method)).toThrow(expect.objectContaining({ code, message }));
});

test("what is not of an instance is known by its path", () => {
  expect(routeOf("GET", "/healthz")).toEqual({ kind: "healthz" });
  expect(() => routeOf("GET", "/v2/x")).toThrow("/v2/x: no such path");
});
