import { expect, test } from "vitest";
import type { VirtualMachine } from "../../../api/resources.ts";
import { useCommandLine } from "../command-line.ts";

const virt = useCommandLine();
const draft = ["create", "web", "--image=debian", "--dry-run=client", "-o=json"] as const;

async function made(...flags: readonly string[]): Promise<VirtualMachine> {
  const { code, stdout, stderr } = await virt.run(...draft, ...flags);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

test("more disks are empty ones and claims, in their order and before the seed of cloud-init", async () => {
  const { spec } = await made("--disk=10Gi", "--pvc=my.data", "--disk=1Gi", "--pvc=logs");
  const { domain, volumes } = spec.template.spec;
  expect(volumes).toEqual([
    { name: "root", containerDisk: { image: "debian" } },
    { name: "disk-1", emptyDisk: { capacity: "10Gi" } },
    { name: "disk-2", emptyDisk: { capacity: "1Gi" } },
    { name: "pvc-1", persistentVolumeClaim: { claimName: "my.data" } },
    { name: "pvc-2", persistentVolumeClaim: { claimName: "logs" } },
  ]);
  expect(domain.devices?.disks?.map(({ name }) => name)).toEqual(volumes?.map(({ name }) => name));
});

test("a network of Multus comes beside the pod's, and without one nothing is said of networks", async () => {
  const { domain, networks } = (await made("--network=lan", "--network=other/wan")).spec.template.spec;
  expect(networks).toEqual([
    { name: "default", pod: {} },
    { name: "network-1", multus: { networkName: "lan" } },
    { name: "network-2", multus: { networkName: "other/wan" } },
  ]);
  expect(domain.devices?.interfaces).toEqual([
    { name: "default", masquerade: {} },
    { name: "network-1", bridge: {} },
    { name: "network-2", bridge: {} },
  ]);
  expect((await made()).spec.template.spec).not.toHaveProperty("networks");
});

test("annotations are the machine's, beside its expiry; a node's labels are the instance's", async () => {
  const { metadata, spec } = await made(
    "--annotation=team=a",
    "--annotation=note=x=1, y",
    "--expire=1h30m",
    "--node-selector=zone=a,disk=ssd",
  );
  expect(metadata.annotations).toEqual({ team: "a", note: "x=1, y", "kubevirt.io/expire-after": "5400s" });
  expect(spec.template.spec.nodeSelector).toEqual({ zone: "a", disk: "ssd" });
});

test.for([
  ["--disk=ten", 'invalid argument "ten" for "--disk" flag: it must be a quantity such as 512Mi, 1G or 1.5Gi'],
  ["--annotation=team", 'invalid argument "team" for "--annotation" flag: "team" is no annotation such as team=a'],
  ["--node-selector=zone", 'invalid argument "zone" for "--node-selector" flag: "zone" is no label such as app=web'],
  ["--expire=0", 'invalid argument "0" for "--expire" flag: the machine would be deleted at once'],
  ["--expire=soon", 'invalid argument "soon" for "--expire" flag: it must be a duration such as 30s, 5m or 1m30s'],
])("%s is refused with its flag", async ([flag = "", message]) => {
  expect(await virt.run(...draft, flag)).toEqual({ code: 1, stdout: "", stderr: `error: ${message}\n` });
});
