import { execa } from "execa";
import { expect, test } from "vitest";
import { eventually } from "../cluster.ts";
import { anInstance } from "../network/guest.ts";
import { useStage } from "./stage.ts";

const stage = useStage("cloud-init-advice");
const { namespace } = stage;

const openStack = { links: [], networks: [{ id: "n", link: "eth0", type: "ipv4_dhcp" }], services: [] };
const netplan = { version: 2, ethernets: { any: { match: { name: "*" }, dhcp4: true } } };
const consequence = "unless they are OpenStack's JSON, with links and networks";

const volumes = (networkData: string): object => [{ name: "seed", cloudInitConfigDrive: { networkData } }];

/** What the API server warns of when these are applied, as kubectl shows it. */
async function warnings(...objects: readonly object[]): Promise<string> {
  const input = objects.map((object) => JSON.stringify(object)).join("\n---\n");
  const apply = ["apply", `--namespace=${namespace.name}`, "--dry-run=server", "--filename=-"];
  return (await execa("kubectl", apply, { env: stage.environment, input })).stderr;
}

const machine = (networkData: string): object => ({
  apiVersion: "kubevirt.io/v1",
  kind: "VirtualMachine",
  metadata: { name: "advised" },
  spec: {
    runStrategy: "Halted",
    template: { spec: { domain: { memory: { guest: "64Mi" }, devices: {} }, volumes: volumes(networkData) } },
  },
});

test.each(["version: 2\nethernets: {}\n", JSON.stringify(netplan), "links: []", "{}"])(
  "whoever writes a ConfigDrive with the network data %j is warned, and is not held up",
  async (networkData) => {
    const told = await warnings(machine(networkData), anInstance("advised", { volumes: volumes(networkData) }));
    expect(told).toContain(
      'spec.template.spec.volumes: volume "seed": cloudInitConfigDrive.networkData: cloud-init sets',
    );
    expect(told).toContain(': spec.volumes: volume "seed": cloudInitConfigDrive.networkData: cloud-init sets');
    expect(told).toContain(consequence);
  },
);

test("network data of OpenStack's form have nobody warned, nor have others of other sources", async () => {
  for (const networkData of [JSON.stringify(openStack), `\n${JSON.stringify(openStack, undefined, 2)}\n`]) {
    expect(await warnings(machine(networkData))).toBe("");
  }
  const noCloud = [{ name: "seed", cloudInitNoCloud: { networkData: JSON.stringify(netplan) } }];
  expect(await warnings(anInstance("advised", { volumes: noCloud }))).toBe("");
});

test("whoever has both sources of cloud-init's in a machine is told which one counts", async () => {
  const both = [
    { name: "a", cloudInitNoCloud: { userData: "#cloud-config" } },
    { name: "b", cloudInitConfigDrive: { userData: "#cloud-config" } },
  ];
  expect(await warnings(anInstance("advised", { volumes: both }))).toContain(
    "spec.volumes: cloudInitNoCloud beside cloudInitConfigDrive: cloud-init reads one of the two",
  );
});

test("of network data in a Secret an event tells, when they are read", async () => {
  const [disk] = Object.values(Object(anInstance("told")).spec.volumes);
  await namespace.apply(
    { apiVersion: "v1", kind: "Secret", metadata: { name: "network" }, stringData: { networkdata: "version: 2" } },
    anInstance("told", {
      volumes: [disk, { name: "seed", cloudInitConfigDrive: { networkDataSecretRef: { name: "network" } } }],
    }),
  );
  await eventually(async () => {
    const selector = "--field-selector=involvedObject.name=told,reason=NetworkDataIgnored";
    expect(await namespace.kubectl("get", "events", selector, "--output=jsonpath={.items[*].message}")).toContain(
      `spec.volumes: volume "seed": cloudInitConfigDrive: cloud-init sets up no network by the network data`,
    );
  });
  expect(await stage.field("vmi", "told", ".status.phase")).not.toBe("Failed");
});
