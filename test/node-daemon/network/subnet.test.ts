import { expect, test } from "vitest";
import { isIn, subnetOf } from "../../../node-daemon/network/subnet.ts";

test.each([
  ["10.0.2.0/24", 4, "10.0.2.0", "10.0.2.1", "10.0.2.2"],
  ["192.168.255.77/16", 4, "192.168.0.0", "192.168.0.1", "192.168.0.2"],
  ["172.16.0.4/30", 4, "172.16.0.4", "172.16.0.5", "172.16.0.6"],
  ["fd10:0:2::/120", 6, "fd10:0:2::", "fd10:0:2::1", "fd10:0:2::2"],
  ["FD00:1:2:3:4:5:6:ffff/64", 6, "fd00:1:2:3::", "fd00:1:2:3::1", "fd00:1:2:3::2"],
] as const)("%s has two addresses for pod and guest", (cidr, family, network, gateway, guest) => {
  expect(subnetOf(cidr, family, "field")).toMatchObject({ network, gateway, guest });
});

test.each(["10.0.2.0", "10.0.2.0/31", "10.0.2.0/x", "10.0.2/24", "fd10::/64", "", "10.0.2.0/0"])(
  "%o is no network for a guest, which is said with the field",
  (cidr) => expect(() => subnetOf(cidr, 4, "pod.vmNetworkCIDR")).toThrow(`pod.vmNetworkCIDR: "${cidr}"`),
);

test("an address is in a network or not", () => {
  const subnet = subnetOf("10.0.2.0/24", 4, "field");
  expect(["10.0.2.200", "10.0.3.1", "::ffff:10.0.2.1", "fd10::1"].map((address) => isIn(subnet, address))).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
