import { expect, test } from "vitest";
import { fillGaps, withInstanceDefaults } from "../../controller/instance-defaults.ts";
import { anInstance } from "./builders.ts";

test("what is written out in a spec leaves lists as their author wrote them, whose manifest may be applied again", () => {
  const instance = anInstance({
    spec: {
      domain: { memory: { guest: "128Mi" }, devices: { disks: [{ name: "root", disk: {} }] } },
      volumes: [
        { name: "root", containerDisk: { image: "localhost/tiny:latest" } },
        { name: "init", cloudInitNoCloud: { userData: "#cloud-config" } },
      ],
    },
  });
  const spec = fillGaps(instance.spec, withInstanceDefaults(instance).spec);
  expect(spec.volumes).toEqual(instance.spec.volumes);
  expect(spec.domain.devices?.disks).toEqual([{ name: "root", disk: {} }]);
  expect(spec).toMatchObject({
    domain: { machine: { type: "q35" }, devices: { interfaces: [{ name: "default", masquerade: {} }] } },
    networks: [{ name: "default", pod: {} }],
  });
});
