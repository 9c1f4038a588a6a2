import { expect, test } from "vitest";
import { routeOf } from "../../../controller/api-server/route.ts";
import { routeName } from "../../../controller/api-server/route-name.ts";

const group = "/apis/subresources.kubevirt.io/v1";
const instance = `${group}/namespaces/ns/virtualmachineinstances/web`;

test.for([
  ["/healthz", "healthz"],
  ["/apis", "groups"],
  [`${group}/version`, "version"],
  [`${group}/namespaces/ns/expand-vm-spec`, "expand-vm-spec"],
  [`${instance}/vnc/screenshot`, "virtualmachineinstances/vnc/screenshot"],
  [`${instance}/portforward/22/tcp`, "virtualmachineinstances/portforward"],
  [`${instance}/usbredir`, "virtualmachineinstances/usbredir"],
])("%s is counted as %s", ([path, name]) => {
  const route = routeOf(path!);
  expect(route && routeName(route)).toBe(name);
});

test.for(["/whatever", `${group}/whatever`, `${group}/namespaces/ns/whatever`])(
  "%s, which is not served, is counted with all others",
  (path) => {
    const route = routeOf(path);
    expect(route && routeName(route)).toBe("unknown");
  },
);

test("a sub-resource that nobody knows is counted with all others", () => {
  const route = routeOf(`${instance}/whatever`);
  expect(route && routeName(route)).toBe("virtualmachineinstances/unknown");
});
