import { expect, test } from "vitest";
import { evictionHook } from "../../../api/contract/eviction-hook.ts";
import { instanceSubresources, machineSubresources } from "../../../api/sub-resources.ts";
import { endpointOf, endpoints } from "../../../controller/api-server/endpoints/endpoints.ts";
import { unsupported } from "../../../controller/api-server/endpoints/unsupported.ts";
import { type Route, routeOf } from "../../../controller/api-server/route.ts";

const prefix = "/apis/subresources.kubevirt.io";
const sub = (path: string) => routeOf(`${prefix}/v1/namespaces/a/${path}`) as Route & { kind: "subresource" };

test("paths lead to what they name", () => {
  expect(routeOf("/apis")).toEqual({ kind: "groups" });
  expect(routeOf(`${prefix}/`)).toEqual({ kind: "group" });
  expect(routeOf(`${prefix}/v1alpha3`)).toEqual({ kind: "version", version: "v1alpha3" });
  expect(routeOf(`${prefix}/v1/version`)).toEqual({ kind: "cluster", version: "v1", name: "version" });
  expect(routeOf(`${prefix}/v1/namespaces/a/expand-vm-spec`)).toMatchObject({ kind: "namespace", namespace: "a" });
  expect(routeOf(`/openapi/v3${prefix}/v1`)).toEqual({ kind: "openapi-v3", version: "v1" });
  expect(routeOf(evictionHook.path)).toEqual({ kind: "evictions" });
  expect(sub("virtualmachines/x%2Fy/start")).toMatchObject({ resource: "virtualmachines", name: "x/y" });
});

test("paths that lead nowhere are told apart from those that are not encoded well", () => {
  for (const path of [
    "/",
    `${prefix}/v2`,
    "/apis/apps",
    `${prefix}/v1/namespaces/a/pods/x/log`,
    "/openapi/v4",
    "/a/b",
  ]) {
    expect([path, routeOf(path)?.kind]).toEqual([path, path === "/" ? "server" : undefined]);
  }
  expect(() => routeOf("/apis/%zz")).toThrow(/not encoded well/);
});

test("the longer sub-resource wins, and the port follows", () => {
  expect(endpointOf(sub("virtualmachineinstances/x/vnc")).subresource).toBe("vnc");
  expect(endpointOf(sub("virtualmachineinstances/x/vnc/screenshot")).subresource).toBe("vnc/screenshot");
  expect(endpointOf(sub("virtualmachineinstances/x/portforward/22/udp")).rest).toEqual(["22", "udp"]);
  expect(() => endpointOf(sub("virtualmachineinstances/x/portforward"))).toThrow(/port is missing/);
  expect(() => endpointOf(sub("virtualmachineinstances/x/console/now"))).toThrow(/no such sub-resource/);
  expect(() => endpointOf(sub("virtualmachineinstances/x/constructor"))).toThrow(/no such sub-resource/);
});

test("each sub-resource that clients know is made or refused by name, with the verb that RBAC knows", () => {
  for (const [resource, known] of [
    ["virtualmachines", machineSubresources],
    ["virtualmachineinstances", instanceSubresources],
  ] as const) {
    for (const [name, verb] of Object.entries(known)) {
      const wanted = name in unsupported[resource] ? undefined : verb === "get" ? "GET" : "PUT";
      expect([name, endpoints[resource][name]?.method]).toEqual([name, wanted]);
    }
  }
});
