import { beforeAll, expect, test } from "vitest";
import { nodes, useNamespace } from "../cluster.ts";
import { anInstance, Guest } from "../network/guest.ts";
import { useStage } from "./stage.ts";

const { namespace } = useStage("same-uuid");
const attic = useNamespace("same-uuid-attic");
const [{ name: node }] = nodes;
const uuid = "5D307CA9-B3EF-428C-8861-06E72D69F223";
const guests = [namespace, attic].map((one) => new Guest(one, "twin"));

beforeAll(async () => {
  const given = anInstance("twin", { nodeSelector: { "kubernetes.io/hostname": node } }) as {
    spec: { domain: object };
  };
  const spec = { ...given.spec, domain: { ...given.spec.domain, firmware: { uuid, serial: "s-1" } } };
  await Promise.all([namespace, attic].map((one) => one.apply({ ...given, spec })));
});

test("machines of two namespaces with one UUID run on one node, and their guests see it", async () => {
  for (const guest of guests) {
    await guest.ready(180_000);
    expect((await guest.node()).name).toBe(node);
    expect(await guest.sh("cat /sys/class/dmi/id/product_uuid")).toBe(`${uuid.toLowerCase()}\n`);
    expect(await guest.sh("cat /sys/class/dmi/id/product_serial")).toBe("s-1\n");
  }
});
