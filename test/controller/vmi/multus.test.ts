import { describe, expect, test } from "vitest";
import { conditionOf } from "../../../api/status/conditions.ts";
import { keepPlaceholder } from "../../../controller/vmi/keep-placeholder.ts";
import { foreignNetwork } from "../../../controller/vmi/multus.ts";
import { aNetwork, anInstance, aPod, aSlimInstance } from "../builders.ts";
import { aWorld, type World } from "../stage.ts";

/** An instance of the namespace `shop`. */
const attached = (networkName: string, more: object = {}) =>
  aSlimInstance({
    metadata: { name: "demo", namespace: "shop" },
    spec: {
      networks: [
        { name: "default", pod: {} },
        { name: "lan", multus: { networkName, ...more } },
      ],
    },
  });

test.for(["lan", "shop/lan", "default/lan", "shared/lan"])("%s is a network for an instance of shop", (network) => {
  expect(foreignNetwork(attached(network), ["default", "shared"])).toBeUndefined();
});

test("a network of another tenant is refused by its field and name", () => {
  expect(foreignNetwork(attached("bank/vault"), ["default"])).toEqual({
    type: "Synchronized",
    reason: "NetworkNotAllowed",
    message:
      "spec.networks[1].multus.networkName: bank/vault: an instance here may use networks of its own namespace, default",
  });
  expect(foreignNetwork(attached("default/lan"), [])?.message).toMatch(/may use networks of its own namespace$/);
});

test("a network that takes the place of the pods' is no exception", () => {
  expect(foreignNetwork(attached("bank/vault", { default: true }), ["default"])?.reason).toBe("NetworkNotAllowed");
});

describe("an instance with networks of Multus", () => {
  const instance = anInstance({
    spec: {
      networks: [
        { name: "lan", multus: { networkName: "lan" } },
        { name: "wan", multus: { networkName: "default/wan" } },
      ],
    },
  });
  const synchronized = (world: World) => conditionOf(world.get(instance)?.status?.conditions, "Synchronized");
  const missing = "spec.networks[1].multus: NetworkAttachmentDefinition default/wan is not there";

  test("gets a pod that is attached to them, when they are all there", async () => {
    const world = await aWorld(instance, aNetwork("lan"), aNetwork("wan"));
    expect(await world.instance(keepPlaceholder)).toBe("done");
    const networks = world.get(aPod(instance))?.metadata?.annotations?.["k8s.v1.cni.cncf.io/networks"] ?? "[]";
    expect(JSON.parse(networks)).toMatchObject([{ name: "lan" }, { name: "wan", namespace: "default" }]);
  });

  test("gets no pod while one is missing, is told which, and is looked at again", async () => {
    const world = await aWorld(instance, aNetwork("lan"));
    expect(await world.instance(keepPlaceholder)).toEqual({ after: 5000 });
    expect(world.get(aPod(instance))).toBeUndefined();
    expect(world.get(instance)?.status?.phase).toBe("Pending");
    expect(synchronized(world)).toMatchObject({ status: "False", reason: "NetworkNotFound", message: missing });
    expect(world.unseen).toEqual([]);
    expect(await world.instance(keepPlaceholder)).toEqual({ after: 5000 });
    expect(world.changed).toEqual([]);
    world.put(aNetwork("wan"));
    expect(await world.instance(keepPlaceholder)).toBe("done");
    expect(world.get(aPod(instance))).toBeDefined();
  });

  test("is told where there is no Multus at all", async () => {
    const world = await aWorld(instance);
    world.api.unserved.add("network-attachment-definitions");
    await world.instance(keepPlaceholder);
    const message = "spec.networks[0].multus: no NetworkAttachmentDefinitions are served here; is Multus installed?";
    expect(synchronized(world)).toMatchObject({ reason: "NetworkNotFound", message });
  });

  test("is not told of a network as missing that cannot be looked for", async () => {
    const world = await aWorld(instance, aNetwork("lan"));
    world.api.refuse("GET network-attachment-definitions", 500, "no etcd");
    await expect(world.instance(keepPlaceholder)).rejects.toMatchObject({ code: 500 });
    expect(world.changed).toEqual([]);
  });

  test("is refused one of another tenant's, whether that is there or not", async () => {
    const curious = anInstance({ spec: { networks: [{ name: "x", multus: { networkName: "bank/vault" } }] } });
    for (const networks of [[], [aNetwork("vault", "bank")]]) {
      const world = await aWorld(curious, ...networks);
      expect(await world.instance(keepPlaceholder)).toEqual({ after: 5000 });
      expect(world.get(aPod(curious))).toBeUndefined();
      expect(synchronized(world)).toMatchObject({ reason: "NetworkNotAllowed" });
    }
  });

  test("and that has changed meanwhile is told at the next look", async () => {
    const world = await aWorld(instance);
    const meanwhile = (): void => world.change(instance, { metadata: { labels: { a: "b" } } });
    await expect(world.instance(keepPlaceholder, { meanwhile })).rejects.toMatchObject({ isConflict: true });
    expect(world.get(instance)?.status).toBeUndefined();
  });
});
