import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Change, Store } from "../../../../api/kube/controller/store.ts";
import { keyOf } from "../../../../api/kube/resources/object.ts";
import { aThing, type Thing } from "../http-server.ts";

const onNode = (name: string, version: string, node: string): Thing => aThing(name, version, { spec: { node } });
const nodeOf = ({ spec }: Thing): string[] => (spec?.node ? [spec.node] : []);

describe("a store", () => {
  test("tells each change, and nothing when a list holds what it has", () => {
    const store = new Store<Thing>();
    const changes: string[] = [];
    store.subscribe(({ key, old, current }) => {
      changes.push(`${key} ${old?.metadata?.resourceVersion} → ${current?.metadata?.resourceVersion}`);
    });
    store.replace([aThing("a", "1"), aThing("b", "1")]);
    store.replace([aThing("a", "1"), aThing("b", "2")]);
    store.replace([aThing("b", "2"), aThing("c", "3")]);
    store.delete("default/nobody");
    expect(changes).toEqual([
      "default/a undefined → 1",
      "default/b undefined → 1",
      "default/b 1 → 2",
      "default/c undefined → 3",
      "default/a 1 → undefined",
    ]);
  });

  test("tells of an object that goes what it was at the end, and finds it in no index", () => {
    const store = new Store<Thing>();
    const byNode = store.index(nodeOf);
    store.set(onNode("a", "1", "n1"));
    let change: Change<Thing> | undefined;
    store.subscribe((told) => (change = told));
    store.delete("default/a", onNode("a", "2", "n2"));
    expect(change).toMatchObject({ old: { spec: { node: "n2" } }, current: undefined });
    expect([byNode.get("n1"), byNode.get("n2")]).toEqual([[], []]);
  });

  test("shares objects that nobody can change", () => {
    const store = new Store<Thing>();
    store.set(onNode("a", "1", "n1"));
    const object = store.get("default/a")!;
    expect(store.get("default/a")).toBe(object);
    expect(() => (object.spec!.node = "n2")).toThrow(TypeError);
  });

  test("tells nothing to who has unsubscribed", () => {
    const store = new Store<Thing>();
    store.subscribe(() => expect.unreachable())();
    store.set(aThing("a"));
  });
});

test("an index always finds what a look at all objects finds", () => {
  const name = fc.constantFrom("a", "b", "c", "d");
  const node = fc.constantFrom("", "n1", "n2");
  const object = fc.tuple(name, fc.nat({ max: 3 }), node).map(([key, version, on]) => onNode(key, String(version), on));
  const step = fc.oneof(
    object.map((value) => (store: Store<Thing>) => store.set(value)),
    object.map((value) => (store: Store<Thing>) => store.delete(keyOf(value))),
    fc.array(object).map((values) => (store: Store<Thing>) => store.replace(values)),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const store = new Store<Thing>();
      const early = store.index(nodeOf);
      for (const change of steps) change(store);
      const late = store.index(nodeOf);
      for (const value of ["n1", "n2"]) {
        const expected = [...store.values()].filter((thing) => nodeOf(thing).includes(value));
        expect(new Set(early.get(value))).toEqual(new Set(expected));
        expect(new Set(late.get(value))).toEqual(new Set(expected));
      }
    }),
  );
});
