import { expect, test } from "vitest";
import { eventually } from "../cluster.ts";
import { useStage } from "./stage.ts";
import { settledTraces, traces } from "./traces.ts";

const stage = useStage("many");

/** A machine that runs its firmware only, or a tiny guest. */
function aMachine(name: string, guest: "none" | "tiny"): object {
  const image = { image: "localhost/tiny:latest", imagePullPolicy: "Never" };
  const spec = {
    terminationGracePeriodSeconds: guest === "none" ? 0 : 20,
    domain: { memory: { guest: guest === "none" ? "64Mi" : "160Mi" }, devices: {} },
    ...(guest === "none" ? {} : { volumes: [{ name: "root", containerDisk: image }] }),
  };
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name },
    spec: { runStrategy: "Always", template: { spec } },
  };
}

const numbered = (word: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${word}-${index + 1}`);
const empty = numbered("empty", 20);
const guests = numbered("guest", 3);

test("20 machines without and 3 with a guest, created at once, all run, and all vanish without a trace", async () => {
  const before = await settledTraces();
  await stage.namespace.apply(
    ...empty.map((name) => aMachine(name, "none")),
    ...guests.map((name) => aMachine(name, "tiny")),
  );
  const statuses = async (kind: string, path: string): Promise<string[]> =>
    (await stage.namespace.kubectl("get", kind, `--output=jsonpath={.items[*]${path}}`)).split(" ");
  const all = (word: string): string[] => [...empty, ...guests].map(() => word);
  await eventually(
    async () => expect(await statuses("vm", ".status.printableStatus")).toEqual(all("Running")),
    240_000,
  );
  expect(await statuses("vmi", ".status.phase")).toEqual(all("Running"));
  for (const name of guests) await stage.virtOk(`console ${name} --until login: --timeout 90s`);
  // No Warning on a healthy path.
  expect(await stage.namespace.kubectl("get", "events", "--field-selector=type=Warning", "--output=name")).toBe("");

  await stage.namespace.kubectl("delete", "vm", "--all", "--timeout=240s");
  await eventually(async () => {
    expect(await stage.namespace.kubectl("get", "vmi,pods", "--output=name")).toBe("");
    expect(await traces()).toEqual(before);
  }, 240_000);
}, 900_000);
