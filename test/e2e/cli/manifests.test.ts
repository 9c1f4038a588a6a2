import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { useSourcesOnly } from "../add-on.ts";
import { cluster, installDefinitions, useNamespace } from "../cluster.ts";
import { kubectl } from "../kube/kubectl.ts";
import { usePlugin } from "./plugin.ts";

// Nothing is made: the server only says what it would have made.
useSourcesOnly();
const plugin = usePlugin();
const namespace = useNamespace("cli-manifests");

beforeAll(installDefinitions);

/** A machine as YAML, some of whose lines are others. */
function machine({ metadata = "", spec = "runStrategy: Halted", pod = "", domain = "", volume = "" } = {}): string {
  return `apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: web
  ${metadata}
spec:
  ${spec}
  template:
    metadata: {labels: {app: web}}
    spec:
      ${pod}
      domain:
        memory: {guest: 64Mi}
        devices: {disks: [{name: data, disk: {bus: virtio}}]}
        ${domain}
      volumes:
        - name: data
          ${volume || "emptyDisk: {capacity: 1Gi}"}
`;
}

const asJson = JSON.stringify({
  apiVersion: "kubevirt.io/v1",
  kind: "VirtualMachine",
  metadata: { name: "web" },
  spec: { runStrategy: "Halted", template: { spec: { domain: { memory: { guest: "64Mi" }, devices: {} } } } },
});

/** Manifests, and whether there is something wrong with them. */
const manifests: Readonly<Record<string, readonly [text: string, isRight: boolean]>> = {
  "as it should be": [machine(), true],
  "a namespace without a value": [machine({ metadata: "namespace:" }), true],
  "labels without a value": [machine({ metadata: "labels:" }), true],
  "a label without a value": [machine({ metadata: "labels: {app: }" }), true],
  "annotations without a value": [machine({ metadata: "annotations: ~" }), true],
  "owners and finalizers without a value": [machine({ metadata: "ownerReferences:\n  finalizers: null" }), true],
  "a run strategy beside running without a value": [machine({ spec: "running:\n  runStrategy: Halted" }), true],
  "neither run strategy nor running": [machine({ spec: "running: null" }), false],
  "a node selector without a value": [machine({ pod: "nodeSelector:" }), true],
  "a node selector's label without a value": [machine({ pod: "nodeSelector: {a: }" }), true],
  "tolerations without a value": [machine({ pod: "tolerations: null" }), true],
  "a toleration without a value": [machine({ pod: "tolerations: [null]" }), false],
  "an affinity of nulls": [machine({ pod: "affinity: {nodeAffinity: , podAffinity: null}" }), true],
  "probes, host name and networks without a value": [
    machine({ pod: "readinessProbe:\n      livenessProbe:\n      hostname:\n      networks:\n      dnsConfig:" }),
    true,
  ],
  "a time without a value": [machine({ domain: "clock: {utc: {}, timer: null}" }), true],
  "a timer's field without a value": [
    machine({ domain: "clock: {timer: {pit: {present: , tickPolicy: null}}}" }),
    true,
  ],
  "a default without a value": [
    machine({ domain: "machine: {type: null}\n        cpu: {cores: null, model: }" }),
    true,
  ],
  "limits without a value": [machine({ domain: "resources: {requests: , limits: {memory: null}}" }), true],
  "a field that is not supported, without a value": [machine({ domain: "chassis: null" }), true],
  "a field that is not known, without a value": [machine({ domain: "nothing: null" }), false],
  "a volume of nothing": [machine({ volume: "emptyDisk: null" }), false],
  "a volume's other source without a value": [
    machine({ volume: "emptyDisk: {capacity: 1Gi}\n          secret:" }),
    true,
  ],
  "yes and no": [machine({ spec: "running: no", pod: "terminationGracePeriodSeconds: 0x1F" }), true],
  "a number by eights": [machine({ pod: "terminationGracePeriodSeconds: 010" }), true],
  "a number by eights, as newer YAML has it": [machine({ pod: "terminationGracePeriodSeconds: 0o10" }), true],
  "a time of day that is text": [machine({ pod: "nodeSelector: {at: 10:30}" }), true],
  "a day that is text": [machine({ pod: "nodeSelector: {at: 2001-01-01}" }), true],
  "a number that is no text": [machine({ pod: "nodeSelector: {at: 1}" }), false],
  "yes that is no text": [machine({ pod: "nodeSelector: {at: yes}" }), false],
  "an anchor and what merges it": [machine({ metadata: "labels: &l {a: b}\n  annotations: {<<: *l, c: d}" }), true],
  "a key that comes twice": [machine({ pod: "hostname: one\n      hostname: two" }), true],
  JSON: [asJson, true],
  "JSON with tabs": [JSON.stringify(JSON.parse(asJson), null, "\t"), true],
  "JSON after JSON": [`${asJson}\n${asJson.replace("web", "second")}`, true],
  "documents without anything": [`---\n# nothing\n---\n${machine()}---\n`, true],
  "a list": [`apiVersion: v1\nkind: List\nitems: [${asJson}]`, true],
  "a list of machines": [`apiVersion: kubevirt.io/v1\nkind: VirtualMachineList\nitems: [${asJson}]`, true],
  "no YAML": ["a: [", false],
};

/** The objects that were printed, one after the other or as a list, without what is each time another. */
function objectsOf(printed: string): object[] {
  const values = printed.split(/(?<=^\})\n/m).filter((text) => text.trim() !== "");
  return values
    .map((text) => JSON.parse(text))
    .flatMap((value) => (value.kind === "List" ? value.items : [value]))
    .map(({ metadata, ...object }) => {
      const { uid: _uid, creationTimestamp: _time, managedFields: _fields, ...rest } = metadata;
      return { ...object, metadata: rest };
    });
}

test.for(Object.entries(manifests))(
  "a manifest with %s is to us what it is to kubectl",
  async ([, [text, isRight]]) => {
    const file = join(plugin.folder, "manifest.yaml");
    await writeFile(file, text);
    const words = ["create", "-f", file, "-o=json", "-n", namespace.name, "--kubeconfig", cluster.kubeconfig];
    const theirs = await kubectl([...words, "--dry-run=server"]);
    const ours = await plugin.run([...words, "--dry-run=server"]);
    const unasked = await plugin.run([...words, "--dry-run=client"]);
    const said = [theirs, ours, unasked].map(({ stderr }) => stderr).join("");
    const codes = [theirs, ours, unasked].map(({ code }) => code === 0);
    expect({ codes, warnings: isRight ? said : "" }).toEqual({ codes: [isRight, isRight, isRight], warnings: "" });
    expect(objectsOf(ours.stdout)).toEqual(objectsOf(theirs.stdout));
  },
);
