import { expect, test } from "vitest";
import { wholeUnits } from "../../../api/values/quantity.ts";
import { eventually } from "../cluster.ts";
import { useMachines } from "./machines.ts";

const machines = useMachines("config-disks");
const { namespace } = machines;

/** Mounts the disk and runs a script in its folder. */
const on = (target: string, script: string): string =>
  `mkdir -p /mnt/${target} && mount -o ro /dev/${target} /mnt/${target} && cd /mnt/${target} && ${script}`;

test("objects of the API and cloud-init's data are files on disks", async () => {
  const [settings, password, machine] = await machines.example("vm-config-disks.yaml");
  await machines.apply(settings!, password!, machine!);
  await machines.until("configured", "Running");
  const guest = (script: string): Promise<string> => machines.inGuest("configured", script);
  expect(await guest(on("vdb", "ls; cat color"))).toBe("color\nblue");
  expect(await guest("dd if=/dev/vdb bs=1 skip=32808 count=8 2>/dev/null")).toBe("settings");
  expect(await guest(on("vdc", "cat password"))).toBe("open sesame");
  expect(await guest(on("vdd", "ls; cat namespace"))).toBe("ca.crt\nnamespace\ntoken\nconfig-disks");
  expect(await guest(on("vde", "cat labels"))).toContain('vm.kubevirt.io/name="configured"');
  const requested = `{.items[0].spec.containers[?(@.name=="compute")].resources.requests.memory}`;
  const ofMachine = ["--selector=vm.kubevirt.io/name=configured", `--output=jsonpath=${requested}`];
  const bytes = wholeUnits(await namespace.kubectl("get", "pods", ...ofMachine));
  expect(bytes).toBeGreaterThan(160n << 20n);
  // In units of a mebibyte, rounded up, as the kubelet writes it.
  expect(await guest("cat /mnt/vde/memory")).toBe(String((bytes + (1n << 20n) - 1n) >> 20n));
  expect(await guest(on("vdf", "cd openstack/latest; cat user_data network_data.json; cat meta_data.json"))).toBe(
    '#cloud-config{}{"uuid":"configured.config-disks","name":"configured","hostname":"configured"}',
  );
  expect(await guest("dd if=/dev/vdf bs=1 skip=32808 count=8 2>/dev/null")).toBe("config-2");
});

test("a disk shows the object as it is at the next start", async () => {
  await namespace.kubectl("patch", "configmap", "settings", "--type=merge", '--patch={"data":{"color":"red"}}');
  const { metadata } = await machines.read("configured");
  await namespace.kubectl("delete", "vmi", "configured", "--timeout=60s");
  await eventually(async () => {
    const next = await machines.read("configured");
    expect(next.metadata.uid).not.toBe(metadata.uid);
    expect(next.status?.phase).toBe("Running");
  });
  expect(await machines.inGuest("configured", on("vdb", "cat color"))).toBe("red");
  await machines.remove("configured");
});

test("an object that may be missing is an empty disk; one that may not is waited for, in the kubelet's words", async () => {
  const optional = { name: "maybe", configMap: { name: "nobody", optional: true } };
  await machines.apply(machines.machine("free", [optional]));
  await machines.until("free", "Running");
  expect(await machines.inGuest("free", on("vdb", "ls"))).toBe("");
  await machines.apply(machines.machine("bound", [{ name: "needed", secret: { secretName: "nobody" } }]));
  const told = await machines.condition("bound", "Ready", 'secret "nobody" not found');
  expect(told).toMatchObject({ status: "False" });
  await machines.remove("free", "bound");
});
