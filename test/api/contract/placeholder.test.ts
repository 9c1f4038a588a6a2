import { expect, test } from "vitest";
import { annotations, labels, placeholderApp } from "../../../api/contract/labels.ts";
import { placeholderIn, placeholderName } from "../../../api/contract/placeholder.ts";
import { controlledBy } from "../../../api/kube/controller/source.ts";
import { Store } from "../../../api/kube/controller/store.ts";
import type { Pod } from "../../../api/kube/resources/core-resources.ts";
import type { ObjectMeta } from "../../../api/kube/resources/object.ts";
import { instances } from "../../../api/resources.ts";

const db = { namespace: "shop", name: "db", uid: "u-1", annotations: { [annotations.placeholderUid]: "p-1" } };

/** A pod that says of itself that it is the placeholder of `db`. */
function aPlaceholder(metadata: ObjectMeta = {}): Pod {
  return {
    metadata: {
      uid: "p-1",
      namespace: db.namespace,
      name: placeholderName(db),
      labels: { [labels.app]: placeholderApp, [labels.createdBy]: db.uid },
      ownerReferences: [controlledBy({ metadata: db }, instances)],
      ...metadata,
    },
  };
}

function among(...pods: readonly Pod[]): Pod | undefined {
  const store = new Store<Pod>();
  store.replace(pods);
  return placeholderIn(store, db);
}

test("an instance's pod always has the same name, its successor's another one, and long names fit", () => {
  const first = placeholderName(db);
  expect(placeholderName({ ...db })).toBe(first);
  expect(first).toMatch(/^virt-launcher-db-[0-9a-f]{5}$/);
  expect(placeholderName({ name: "db", uid: "other" })).not.toBe(first);
  const long = placeholderName({ name: `${"a".repeat(232)}.${"b".repeat(20)}`, uid: "u" });
  expect(long.length).toBeLessThanOrEqual(253);
  expect(long).toMatch(/a-[0-9a-f]{5}$/);
});

test("an instance's placeholder is the pod of its namespace and name that it controls and the controller has recorded", () => {
  expect(among(aPlaceholder())).toEqual(aPlaceholder());
});

test("an instance of which no pod has been recorded has no placeholder", () => {
  const store = new Store<Pod>();
  store.replace([aPlaceholder()]);
  expect(placeholderIn(store, { ...db, annotations: {} })).toBeUndefined();
});

test.for<[string, ObjectMeta]>([
  ["that the controller has not made, but for its UID all the same,", { uid: "p-2" }],
  ["of another namespace", { namespace: "attic" }],
  ["of another name", { name: "virt-launcher-db-other" }],
  ["that nobody controls", { ownerReferences: [] }],
  ["of the instance before", { ownerReferences: [controlledBy({ metadata: { ...db, uid: "u-0" } }, instances)] }],
  ["of another kind of owner", { ownerReferences: [{ ...controlledBy({ metadata: db }, instances), kind: "Job" }] }],
  [
    "that it does not control",
    { ownerReferences: [{ ...controlledBy({ metadata: db }, instances), controller: false }] },
  ],
])("a pod %s is not an instance's placeholder, whatever its labels say", ([, metadata]) => {
  expect(among(aPlaceholder(metadata))).toBeUndefined();
});
