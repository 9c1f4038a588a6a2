import { beforeAll, expect, test } from "vitest";
import { instancePath } from "../../../api/sub-resources.ts";
import { eventually } from "../cluster.ts";
import { anInstance, Guest } from "../network/guest.ts";
import { useStage } from "./stage.ts";

const stage = useStage("operations");
const { namespace } = stage;
const guest = new Guest(namespace, "web");

beforeAll(async () => {
  await namespace.apply(anInstance("web"));
  await guest.ready();
});

/** What a guest that was restarted is still the same by: its object, and its QEMU. */
async function identity(): Promise<{ uid: string; phase: string; pid: string }> {
  const [uid, phase] = [await guest.field(".metadata.uid"), await guest.field(".status.phase")];
  const { bundle } = await guest.node();
  return { uid, phase, pid: await bundle.run(["cat", `/run/libvirt/qemu/${namespace.name}_web.pid`]) };
}

test.for(["softreboot", "reset"] as const)("%s boots the guest anew, in the same instance", async (operation) => {
  const bootId = (): Promise<string> => guest.sh("cat /proc/sys/kernel/random/boot_id");
  const before = await identity();
  const first = await bootId();
  const path = instancePath({ namespace: namespace.name, name: "web" }, operation);
  await namespace.kubectl("replace", `--raw=${path}`, "--filename=/dev/null");
  // An agent that goes down in the middle of a question is asked again.
  await eventually(async () => expect(await bootId()).not.toBe(first), 120_000);
  expect(await identity()).toEqual(before);
  expect(before.phase).toBe("Running");
});

test("a guest that is emulated says so, and one that is not does not", async () => {
  const { bundle } = await guest.node();
  const xml = await bundle.run(["virsh", "dumpxml", `${namespace.name}_web`]);
  const condition = await guest.field('.status.conditions[?(@.type=="SoftwareEmulation")].status');
  expect(condition).toBe(xml.includes("<domain type='qemu'") ? "True" : "");
});
