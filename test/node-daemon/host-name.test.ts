import { expect, test } from "vitest";
import { placeholderPod } from "../../controller/vmi/placeholder-pod.ts";
import type { Network } from "../../node-daemon/drivers/network.ts";
import { configDriveFiles, noCloudFiles } from "../../node-daemon/instance/cloud-init.ts";
import { identityOf } from "../../node-daemon/instance/identity.ts";
import { attachNetwork } from "../../node-daemon/steps/attach-network.ts";
import type { StepContext } from "../../node-daemon/steps/context.ts";
import { settings } from "../controller/builders.ts";
import { anInstance } from "./an-instance.ts";

/** The host name that the network's responder is given. */
async function nameByDhcp(instance: ReturnType<typeof anInstance>): Promise<string | undefined> {
  let told: string | undefined;
  const attach: Network["attach"] = async (_cards, _links, _container, name) => {
    told = name.hostname;
  };
  const identity = identityOf(instance);
  const container = { pid: 1, cgroups: [] };
  const context = { identity, instance, container, links: [], drivers: { network: { attach } } };
  await attachNetwork(context as unknown as StepContext);
  return told;
}

test.each([
  ["db.prod", {}, "db"],
  [`${"a".repeat(70)}.prod`, {}, "a".repeat(63)],
  ["12.prod", { subdomain: "vms" }, "12"],
  ["db.prod", { hostname: "store", subdomain: "vms" }, "store"],
])("DNS, DHCP and cloud-init's data have one host name of an instance %s", async (name, spec, expected) => {
  const instance = anInstance({ metadata: { name }, spec });
  const { hostname } = placeholderPod(instance, settings).spec ?? {};
  expect(hostname).toBe(expected);
  const noCloud = noCloudFiles(instance, identityOf(instance), {});
  expect(JSON.parse(String(noCloud["meta-data"]))).toMatchObject({ "local-hostname": hostname });
  const configDrive = configDriveFiles(instance, identityOf(instance), {});
  expect(JSON.parse(String(configDrive["openstack/latest/meta_data.json"]))).toMatchObject({ hostname });
  expect(await nameByDhcp(instance)).toBe(hostname);
});
