import { expect, test } from "vitest";
import type { Pod } from "../../../api/kube/resources/core-resources.ts";
import type { KubeObject } from "../../../api/kube/resources/object.ts";
import type { VirtualMachine, VirtualMachineInstance } from "../../../api/resources.ts";
import { exceeds } from "../../../controller/cache/size.ts";
import { type Cached, cachedBytes } from "../../../controller/cache/slim.ts";
import { slimClaim } from "../../../controller/cache/slim-claim.ts";
import { cachedInstance, claimDigest, slimInstance } from "../../../controller/cache/slim-instance.ts";
import { cachedMachine, slimMachine } from "../../../controller/cache/slim-machine.ts";
import { slimPod } from "../../../controller/cache/slim-pod.ts";
import { statusPatch } from "../../../controller/status-patch.ts";
import { podTrouble } from "../../../controller/vmi/pod-trouble.ts";
import { aMachine, anInstance, aPod } from "../builders.ts";

type Volume = NonNullable<VirtualMachineInstance["spec"]["volumes"]>[number];

/** Entries of a map that take a megabyte. */
const manyEntries = Object.fromEntries(Array.from({ length: 256 }, (_, number) => [`key-${number}`, "v".repeat(4096)]));
const manyNames = Array.from({ length: 4000 }, (_, number) => `example.com/${"n".repeat(200)}-${number}`);

const aVolume = (number: number): Volume => ({
  name: `disk-${number}`,
  cloudInitNoCloud: { userData: "u".repeat(65_536), networkData: "n".repeat(65_536) },
});
const manyVolumes = Array.from({ length: 8 }, (_, number) => aVolume(number));
const longClaims = Array.from(
  { length: 64 },
  (_, number): Volume => ({
    name: `disk-${number}`,
    persistentVolumeClaim: { claimName: `${number}-${"c".repeat(240)}` },
  }),
);
const spec: VirtualMachineInstance["spec"] = { domain: { memory: { guest: "128Mi" } }, volumes: manyVolumes };

const machines: readonly (readonly [string, VirtualMachine])[] = [
  ["cloud-init data", aMachine({ spec: { template: { spec } } })],
  ["annotations", aMachine({ metadata: { name: "demo", annotations: manyEntries } })],
  [
    "annotations of its template",
    aMachine({ spec: { template: { ...aMachine().spec.template, metadata: { annotations: manyEntries } } } }),
  ],
  ["labels", aMachine({ metadata: { name: "demo", labels: manyEntries } })],
  ["finalizers", aMachine({ metadata: { name: "demo", finalizers: manyNames } })],
  ["fields that we do not know", aMachine({ spec: { dataVolumeTemplates: [manyEntries] } })],
];

const instances: readonly (readonly [string, VirtualMachineInstance])[] = [
  ["cloud-init data", anInstance({ spec })],
  ["annotations", anInstance({ metadata: { name: "demo", annotations: manyEntries } })],
  [
    "owners",
    anInstance({
      metadata: {
        name: "demo",
        ownerReferences: manyNames.map((name) => ({ apiVersion: "v1", kind: "ConfigMap", name, uid: name })),
      },
    }),
  ],
  ["claims with long names", anInstance({ spec: { volumes: longClaims } })],
  [
    "what its guest says of itself",
    anInstance({
      status: {
        phase: "Running",
        interfaces: Array.from({ length: 256 }, () => ({
          ipAddresses: Array.from({ length: 64 }, () => "a".repeat(48)),
        })),
        guestOSInfo: { name: "g".repeat(1_000_000) },
      },
    }),
  ],
  [
    "what is said of it",
    anInstance({
      status: {
        reason: "r".repeat(1_000_000),
        conditions: [{ type: "Ready", status: "False", message: "m".repeat(1_000_000) }],
      },
    }),
  ],
];

/** What is held at most: what is bounded, and what belongs to that. */
const most = cachedBytes.short + 8 * 1024;

test.for([
  ...machines.map(([what, machine]) => [what, machine, cachedMachine(structuredClone(machine))] as const),
  ...instances.map(([what, instance]) => [what, instance, cachedInstance(structuredClone(instance))] as const),
])(
  "of an object with very much of this, a few kilobytes are held: %s",
  ([, object, held]: readonly [string, KubeObject, Cached<unknown, unknown, unknown>]) => {
    expect(exceeds(object, cachedBytes.whole)).toBe(true);
    expect(exceeds(held, most)).toBe(false);
    expect(held.whole).toBeUndefined();
    expect(held.metadata).toEqual({
      name: "demo",
      namespace: object.metadata?.namespace,
      uid: object.metadata?.uid,
      resourceVersion: object.metadata?.resourceVersion,
    });
  },
);

test("an ordinary object is held whole, without its managed fields", () => {
  const machine = aMachine({ metadata: { name: "demo", managedFields: [{}] } });
  const held = cachedMachine(machine);
  expect(held.whole).toEqual(aMachine({ metadata: { name: "demo" } }));
  expect(held.slim).toEqual(slimMachine(machine));
  expect(cachedInstance(anInstance()).whole).toEqual(anInstance());
});

test("what reconcilers decide by is held beside the largest template and the most talkative guest", () => {
  for (const [what, machine] of machines) {
    const { slim: short } = cachedMachine(structuredClone(machine));
    expect(short === undefined, what).toBe(what === "finalizers");
    expect(short ?? slimMachine(machine), what).toEqual(slimMachine(machine));
  }
  const tooLong = ["owners", "claims with long names", "what is said of it"];
  for (const [what, instance] of instances) {
    expect(cachedInstance(structuredClone(instance)).slim === undefined, what).toBe(tooLong.includes(what));
  }
});

test("what is not held of a status is left alone by who writes one", () => {
  const interfaces = [{ mac: "02:00:00:00:00:01" }];
  const instance = anInstance({ status: { phase: "Running", interfaces, guestOSInfo: { name: "Debian" } } });
  const { status: before = {} } = slimInstance(instance);
  expect(statusPatch(before, { ...before, phase: "Failed" })).toEqual({ phase: "Failed" });
});

test("indexes and metrics know also what is not held in short", () => {
  const metadata = { name: "demo", namespace: "shop", labels: { "kubevirt.io/nodeName": "node-1" } };
  const guestOSInfo = { name: "Debian", versionId: "13" };
  const { slim: short, summary } = cachedInstance(
    anInstance({ metadata, spec: { volumes: longClaims }, status: { phase: "Running", guestOSInfo } }),
  );
  expect(short).toBeUndefined();
  expect(summary).toMatchObject({ node: "node-1", phase: "Running", guestOs: guestOSInfo });
  expect(summary.claims).toHaveLength(64);
  expect(summary.claims[3]).toBe(claimDigest(`shop/3-${"c".repeat(240)}`));
});

test("of a placeholder pod and a claim a few kilobytes are held, too, and what they are in trouble for", () => {
  const long = "m".repeat(1_000_000);
  const waiting = { name: "a", image: "", imageID: "", ready: false, restartCount: 0 };
  const status: Pod["status"] = {
    phase: "Pending",
    message: long,
    conditions: [
      { type: "PodScheduled", status: "True" },
      { type: "Other", status: "True", message: long },
    ],
    containerStatuses: [
      { ...waiting, state: { waiting: { reason: "ContainerCreating" } } },
      ...Array.from({ length: 64 }, () => ({
        ...waiting,
        state: { waiting: { reason: "ErrImagePull", message: long } },
      })),
    ],
  };
  const pod = aPod(anInstance({ metadata: { name: "demo", labels: manyEntries, annotations: manyEntries } }), {
    nodeName: "node-1",
    status,
  });
  const short = slimPod(pod);
  expect(exceeds(short, most)).toBe(false);
  expect(short).toMatchObject({ metadata: { uid: "p-1" }, spec: { nodeName: "node-1" }, status: { phase: "Pending" } });
  expect(podTrouble(short)).toEqual({ reason: "ErrImagePull", message: expect.stringMatching(/^m{2047}…$/) });

  const claim = slimClaim({
    metadata: { name: "c", namespace: "shop", labels: manyEntries, annotations: manyEntries },
    spec: {
      selector: { matchLabels: manyEntries },
      volumeMode: "Block",
      resources: { requests: { storage: "1Gi" } },
      accessModes: Array.from({ length: 100_000 }, () => "ReadWriteOnce"),
    },
    status: { phase: "Bound", capacity: { storage: "2Gi" } },
  });
  expect(exceeds(claim, most)).toBe(false);
  expect(claim).toMatchObject({
    spec: { volumeMode: "Block", resources: { requests: { storage: "1Gi" } } },
    status: { phase: "Bound", capacity: { storage: "2Gi" } },
  });
});
