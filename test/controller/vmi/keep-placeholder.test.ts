import { describe, expect, test } from "vitest";
import { finalizers, labels } from "../../../api/contract/labels.ts";
import { placeholderName } from "../../../api/contract/placeholder.ts";
import { TerminalError } from "../../../api/kube/client/errors.ts";
import type { Pod } from "../../../api/kube/resources/core-resources.ts";
import { conditionOf } from "../../../api/status/conditions.ts";
import { keepPlaceholder } from "../../../controller/vmi/keep-placeholder.ts";
import { anInstance, aPod, handedOver } from "../builders.ts";
import { apiTime } from "../fake-api.ts";
import { aWorld, type World } from "../stage.ts";

const instance = anInstance();
const key = "default/demo";
const podOf = (world: World): Pod | undefined => world.get(aPod(instance));
const synchronized = (world: World) => conditionOf(world.get(instance)?.status?.conditions, "Synchronized");

/** What the stage comes to where it leaves everything to the next one. */
const nothing = { outcome: undefined, changed: [] };

async function looked(world: World): Promise<object> {
  return { outcome: await world.instance(keepPlaceholder), changed: world.changed };
}

describe("an instance without a pod", () => {
  test("gets one, which is the controller's own, and is told of it", async () => {
    const world = await aWorld(instance);
    expect(await world.instance(keepPlaceholder)).toBe("done");
    const { metadata, spec } = podOf(world)!;
    expect(metadata?.ownerReferences).toMatchObject([{ kind: "VirtualMachineInstance", uid: instance.metadata.uid }]);
    expect(spec?.nodeSelector).toEqual({ [labels.schedulable]: "true" });
    expect(world.made.has(key, metadata?.uid ?? "")).toBe(true);
    const name = placeholderName(instance.metadata);
    expect(world.told).toEqual([`VirtualMachineInstance Normal SuccessfulCreate: Created virtual machine pod ${name}`]);
    expect(world.unseen).toEqual([]);
    expect(world.get(instance)?.status).toBeUndefined();
  });

  test("gets no second one at the next look", async () => {
    const world = await aWorld(instance);
    await world.instance(keepPlaceholder);
    expect(await looked(world)).toEqual(nothing);
  });

  test("that was handed over never gets one again", async () => {
    expect(await looked(await aWorld(anInstance({ metadata: handedOver() })))).toEqual(nothing);
    const told = anInstance({ status: { nodeName: "node-1" } });
    expect(await looked(await aWorld(told))).toEqual(nothing);
  });

  test("that is on its way out gets none", async () => {
    const metadata = { deletionTimestamp: apiTime, finalizers: [finalizers.instance] };
    expect(await looked(await aWorld(anInstance({ metadata })))).toEqual(nothing);
  });

  test("gets the pod in the form that its whole spec asks for, also where that is too large to be held", async () => {
    const userData = `#cloud-config\n${"#".repeat(40_000)}`;
    const large = anInstance({
      spec: { nodeSelector: { rack: "7" }, volumes: [{ name: "init", cloudInitNoCloud: { userData } }] },
    });
    const world = await aWorld(large);
    await world.instance(keepPlaceholder);
    expect(world.cache.instances.store.get(key)).toMatchObject({ slim: {}, whole: undefined });
    expect(podOf(world)?.spec?.nodeSelector).toEqual({ rack: "7", [labels.schedulable]: "true" });
  });

  test("that is too large to be held, and has changed meanwhile, gets none before the next look", async () => {
    const userData = `#cloud-config\n${"#".repeat(40_000)}`;
    const large = anInstance({ spec: { volumes: [{ name: "init", cloudInitNoCloud: { userData } }] } });
    const world = await aWorld(large);
    const meanwhile = (): void => world.change(large, { metadata: { labels: { a: "b" } } });
    expect(await world.instance(keepPlaceholder, { meanwhile })).toBe("done");
    expect(podOf(world)).toBeUndefined();
    await world.instance(keepPlaceholder);
    expect(podOf(world)?.metadata?.labels?.["a"]).toBe("b");
  });

  test("is told which of its annotations the pod was not given", async () => {
    const metadata = { annotations: { "k8s.v1.cni.cncf.io/networks": "other", "example.com/a": "b" } };
    const world = await aWorld(anInstance({ metadata }));
    await world.instance(keepPlaceholder);
    expect(podOf(world)?.metadata?.annotations).toMatchObject({ "example.com/a": "b" });
    expect(podOf(world)?.metadata?.annotations).not.toHaveProperty(["k8s.v1.cni.cncf.io/networks"]);
    expect(world.told).toContainEqual(
      expect.stringMatching(/Warning AnnotationsWithheld: The pod was not given all .*k8s.v1.cni.cncf.io\/networks: /),
    );
  });
});

describe("an instance whose pod the API server refuses", () => {
  const refusal = 'pods "virt-launcher" is forbidden: exceeded quota: small';

  test("is told why, and tried again", async () => {
    const world = await aWorld(instance);
    world.api.refuse("POST pods", 403, refusal);
    await expect(world.instance(keepPlaceholder)).rejects.not.toBeInstanceOf(TerminalError);
    expect(podOf(world)).toBeUndefined();
    expect(world.get(instance)?.status?.phase).toBe("Pending");
    expect(synchronized(world)).toMatchObject({ status: "False", reason: "FailedCreate", message: refusal });
    expect(conditionOf(world.get(instance)?.status?.conditions, "Ready")).toMatchObject({ message: refusal });
    expect(world.told).toEqual([`VirtualMachineInstance Warning FailedCreate: Error creating pod: ${refusal}`]);
    expect(world.unseen).toEqual([]);
    await world.instance(keepPlaceholder);
    expect(podOf(world)).toBeDefined();
  });

  test("has its status written once, however often it is refused", async () => {
    const world = await aWorld(instance);
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      world.api.refuse("POST pods", 403, refusal);
      await expect(world.instance(keepPlaceholder)).rejects.toThrow("creating the placeholder pod");
    }
    expect(world.changed).not.toContainEqual(expect.stringMatching(/virtualmachineinstances/));
  });

  test("is not tried again where no repetition mends it", async () => {
    const world = await aWorld(instance);
    world.api.refuse("POST pods", 422, "spec.tolerations: invalid");
    await expect(world.instance(keepPlaceholder)).rejects.toBeInstanceOf(TerminalError);
    expect(synchronized(world)).toMatchObject({ reason: "FailedCreate", message: "spec.tolerations: invalid" });
  });

  test.for([500, 409, 429])("with the code %d is told nothing: that is no news for its author", async (code) => {
    const world = await aWorld(instance);
    world.api.refuse("POST pods", code, "not now");
    await expect(world.instance(keepPlaceholder)).rejects.toMatchObject({ code });
    expect(world.changed).toEqual([]);
  });

  test("and that has changed meanwhile is told at the next attempt", async () => {
    const world = await aWorld(instance);
    world.api.refuse("POST pods", 403, refusal);
    const meanwhile = (): void => world.change(instance, { metadata: { labels: { a: "b" } } });
    await expect(world.instance(keepPlaceholder, { meanwhile })).rejects.toMatchObject({ isConflict: true });
    expect(world.get(instance)?.status).toBeUndefined();
  });
});

describe("what fails before the pod is asked for is not told as the pod's refusal:", () => {
  const volumes = (length: number) => [{ name: "init", cloudInitNoCloud: { userData: "#".repeat(length) } }];

  test("an instance that is too large to be held is gone", async () => {
    const large = anInstance({ spec: { volumes: volumes(40_000) } });
    const world = await aWorld(large);
    const look = world.instance(keepPlaceholder, { meanwhile: () => world.remove(large) });
    await expect(look).rejects.toMatchObject({ isNotFound: true });
    expect(world.told).toEqual([]);
  });

  test("an instance that is too large to be held cannot be read", async () => {
    const world = await aWorld(anInstance({ spec: { volumes: volumes(40_000) } }));
    world.api.refuse("GET virtualmachineinstances", 403, "not allowed");
    await expect(world.instance(keepPlaceholder)).rejects.toMatchObject({ isForbidden: true });
    expect(world.changed).toEqual([]);
  });

  test("an instance that is larger than a node keeps cannot be told so", async () => {
    const world = await aWorld(anInstance({ spec: { volumes: volumes(2 * 1024 * 1024) } }));
    world.api.refuse("PATCH virtualmachineinstances/status", 403, "not allowed");
    await expect(world.instance(keepPlaceholder)).rejects.toMatchObject({ isForbidden: true });
    expect(world.told).toEqual([expect.stringMatching(/it takes more than 2Mi/)]);
    expect(world.get(instance)?.status).toBeUndefined();
  });
});

test("an instance that is larger than a node keeps is told so, and gets no pod ever", async () => {
  const huge = anInstance({
    spec: { volumes: [{ name: "init", cloudInitNoCloud: { userData: "#".repeat(2 * 1024 * 1024) } }] },
  });
  const world = await aWorld(huge);
  await expect(world.instance(keepPlaceholder)).rejects.toBeInstanceOf(TerminalError);
  expect(podOf(world)).toBeUndefined();
  const message = expect.stringMatching(/^spec: it takes more than 2Mi of memory/);
  expect(synchronized(world)).toMatchObject({ status: "False", reason: "FailedCreate", message });
  expect(world.told).toEqual([expect.stringMatching(/Warning FailedCreate: Error creating pod: spec: it takes more/)]);
  expect(world.unseen).toEqual([]);
});

describe("where a pod with the placeholder's name is there, and the cache does not show it,", () => {
  const own = aPod(instance);
  const foreign: Pod = { ...own, metadata: { ...own.metadata, ownerReferences: [] } };

  test("one of the instance is left to the next look", async () => {
    const world = await aWorld(instance);
    const look = world.instance(keepPlaceholder, { meanwhile: () => world.put(own) });
    expect(await look).toBe("done");
    expect(podOf(world)?.metadata?.uid).toBe("p-1");
    expect(world.get(instance)?.status).toBeUndefined();
    expect(world.told).toEqual([]);
  });

  test("another's is left alone, and the instance is told of it", async () => {
    const world = await aWorld(instance, foreign);
    await expect(world.instance(keepPlaceholder)).rejects.toThrow("creating the placeholder pod");
    expect(podOf(world)?.metadata?.uid).toBe("p-1");
    expect(synchronized(world)).toMatchObject({
      reason: "FailedCreate",
      message: expect.stringMatching(/already exists$/),
    });
    world.remove(foreign);
    await world.instance(keepPlaceholder);
    expect(podOf(world)?.metadata?.ownerReferences).toHaveLength(1);
  });

  test("one that is gone before it was looked at is no news, and tried again", async () => {
    const world = await aWorld(instance, foreign);
    world.api.before("GET pods", () => world.remove(foreign));
    await expect(world.instance(keepPlaceholder)).rejects.toMatchObject({ isAlreadyExists: true });
    expect(world.get(instance)?.status).toBeUndefined();
    expect(world.told).toEqual([]);
  });
});

describe("a pod in the placeholder's place that this controller has not made", () => {
  const pod = aPod(instance);

  test("is deleted, and the next look makes another", async () => {
    const world = await aWorld(instance, pod);
    expect(await world.instance(keepPlaceholder)).toBe("done");
    expect(podOf(world)).toBeUndefined();
    await world.instance(keepPlaceholder);
    expect(podOf(world)?.metadata?.uid).not.toBe("p-1");
  });

  test("is waited for where it is on its way out", async () => {
    const world = await aWorld(instance, { ...pod, metadata: { ...pod.metadata, deletionTimestamp: apiTime } });
    expect(await looked(world)).toEqual({ outcome: "done", changed: [] });
  });

  test("stays where another controller has recorded it meanwhile, or has handed over", async () => {
    const { annotations: recorded, labels: placed } = handedOver();
    for (const metadata of [{ annotations: recorded }, { labels: placed }]) {
      const world = await aWorld(instance, pod);
      await world.instance(keepPlaceholder, { meanwhile: () => world.change(instance, { metadata }) });
      expect(world.changed).toEqual([]);
    }
  });

  test("is no hindrance when it is gone, or another one, by now", async () => {
    const gone = await aWorld(instance, pod);
    expect(await gone.instance(keepPlaceholder, { meanwhile: () => gone.remove(pod) })).toBe("done");
    const other = await aWorld(instance, pod);
    const meanwhile = (): void => other.change(pod, { metadata: { uid: "p-2" } });
    expect(await other.instance(keepPlaceholder, { meanwhile })).toBe("done");
    expect(podOf(other)?.metadata?.uid).toBe("p-2");
  });

  test("that may not be deleted is an error", async () => {
    const world = await aWorld(instance, pod);
    world.api.refuse("DELETE pods", 403, "not allowed");
    await expect(world.instance(keepPlaceholder)).rejects.toMatchObject({ isForbidden: true });
    expect(podOf(world)).toBeDefined();
  });

  test("is left alone when the instance is gone", async () => {
    const world = await aWorld(instance, pod);
    const look = world.instance(keepPlaceholder, { meanwhile: () => world.remove(instance) });
    await expect(look).rejects.toMatchObject({ isNotFound: true });
    expect(podOf(world)).toBeDefined();
  });
});
