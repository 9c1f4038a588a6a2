import { expect, test } from "vitest";
import {
  Admission,
  type AdmissionOptions,
  type ConnectionRequest,
  type Entry,
} from "../../../api/serving/admission.ts";
import { Budget } from "../../../api/serving/budget.ts";

/** An entrance, and who was told to go with which words. */
function anEntrance(more: Partial<AdmissionOptions> = {}) {
  const budget = new Budget({ bytes: 1000, kept: 1000 });
  const admission = new Admission({ budget, place: "here", all: 6, instance: 4, user: 3, reserve: 100, ...more });
  const ended: string[] = [];
  const enter = (path: string, as: Partial<ConnectionRequest> = {}): Entry => {
    const [namespace = "", name = ""] = path.split("/");
    return admission.enter({ namespace, name, user: "", kind: "console", end: () => ended.push(path), ...as });
  };
  return { admission, budget, enter, ended };
}

test("a user has so many connections, and others are not kept out by that", () => {
  const { enter } = anEntrance();
  const [first] = ["a/1", "a/2", "b/1"].map((path) => enter(path, { user: "ann" }));
  const refused = {
    code: 429,
    message: 'user "ann" has 3 connections (consoles, screens, ports, logs) at here, the most that a user may have',
  };
  expect(() => enter("c/1", { user: "ann" })).toThrow(expect.objectContaining(refused));
  enter("c/1", { user: "bob" });
  first?.leave();
  enter("c/1", { user: "ann" });
});

test("an instance has so many, whoever they are of", () => {
  const { enter } = anEntrance();
  for (const user of ["", "", "ann", "bob"]) enter("a/1", { user });
  expect(() => enter("a/1", { user: "eve" })).toThrow(/^"1" has 4 connections .* that an instance may have$/);
  enter("b/1");
});

test("where all places are taken, the newest connection of the namespace that has most gives way to one that has fewer", () => {
  const { admission, enter, ended, budget } = anEntrance();
  for (const path of ["a/1", "a/2", "a/3", "b/1", "b/2", "a/4"]) enter(path);
  expect(() => enter("a/5")).toThrow(/^here has 6 connections .* try again later$/);
  enter("c/1");
  expect(ended).toEqual(["a/4"]);
  enter("c/2");
  expect(ended).toEqual(["a/4", "a/3"]);
  // Each has as many now: nobody has to go for one that would then have more.
  expect(() => enter("c/3")).toThrow(/^here has 6 connections/);
  expect([admission.size, budget.used]).toEqual([6, 600]);
});

test("a connection can end all others of its kind to its instance, and no more of them are counted", () => {
  const causes: string[] = [];
  const { admission, enter, ended, budget } = anEntrance({ all: 8 });
  const end = (_reason: string, cause: string): void => void causes.push(cause);
  enter("a/1", { kind: "vnc", end });
  enter("a/1", { kind: "vnc", end });
  for (const path of ["a/1", "a/2", "b/1"]) enter(path, path === "a/1" ? {} : { kind: "vnc" });
  enter("a/1", { kind: "vnc" }).endOthers("taken over");
  expect([causes, ended]).toEqual([["taken-over", "taken-over"], []]);
  expect([admission.of({ namespace: "a", name: "1", kind: "vnc" }), admission.size, budget.used]).toEqual([1, 4, 400]);
});

test("a budget that keeps less than all connections need is refused", () => {
  expect(() => anEntrance({ all: 11 })).toThrow("11 connections need 1100 bytes, and 1000 are kept");
});

test("connections of one kind are counted apart, and leaving twice is leaving once", () => {
  const { admission, enter, budget } = anEntrance();
  const screen = enter("a/1", { kind: "vnc" });
  enter("a/1");
  expect(admission.of({ namespace: "a", name: "1", kind: "vnc" })).toBe(1);
  screen.leave();
  screen.leave();
  expect([admission.size, budget.used]).toEqual([1, 100]);
});
