import { expect, test } from "vitest";
import { configDriveFiles, noCloudFiles, secretData, takesNetwork } from "../../../node-daemon/instance/cloud-init.ts";
import { anInstance } from "../an-instance.ts";

const identity = { namespace: "shop", name: "db", uid: "u" };

test("the data are those of the spec, else those of the Secrets", () => {
  const plain = noCloudFiles(anInstance(), identity, { userData: "#!", networkDataBase64: btoa("version: 2") });
  expect(plain).toMatchObject({ "user-data": "#!", "network-config": Buffer.from("version: 2") });
  expect(JSON.parse(String(plain["meta-data"]))).toEqual({ "instance-id": "db.shop", "local-hostname": "db" });
  const kept = noCloudFiles(anInstance(), identity, { secretRef: { name: "s" } }, { userdata: Buffer.from("#!") });
  expect(kept["user-data"]).toEqual(Buffer.from("#!"));
  expect(kept).not.toHaveProperty("network-config");
});

test("a ConfigDrive disk has the same data where OpenStack puts them", () => {
  const instance = anInstance({ spec: { hostname: "shop-db" } });
  const files = configDriveFiles(instance, identity, { userDataBase64: btoa("#!"), networkData: "version: 2" });
  expect(Object.keys(files).toSorted()).toEqual([
    "openstack/latest/meta_data.json",
    "openstack/latest/network_data.json",
    "openstack/latest/user_data",
  ]);
  expect(files).toMatchObject({
    "openstack/latest/user_data": Buffer.from("#!"),
    "openstack/latest/network_data.json": "version: 2",
  });
  expect(JSON.parse(String(files["openstack/latest/meta_data.json"]))).toEqual({
    uuid: "db.shop",
    name: "db",
    hostname: "shop-db",
  });
  expect(Object.keys(configDriveFiles(instance, identity, {}))).not.toContain("openstack/latest/network_data.json");
});

const openStack = JSON.stringify({ links: [], networks: [{ link: "a", type: "ipv4_dhcp" }], services: [] });

test.each([
  [undefined, true],
  [openStack, true],
  [`\n ${openStack}`, true],
  [JSON.stringify({ services: [] }), true],
  ["version: 2\nethernets: {}\n", false],
  [JSON.stringify({ version: 2, ethernets: {} }), false],
  ['links: [] # "links":', false],
  ["{}", false],
  ["null", false],
  ["", false],
])("of the network data %j of a ConfigDrive disk a guest makes a network: %s", (networkData, expected) => {
  const encoded = networkData === undefined ? {} : { networkDataBase64: btoa(networkData) };
  expect(takesNetwork(configDriveFiles(anInstance(), identity, encoded))).toBe(expected);
  const kept = networkData === undefined ? {} : { networkdata: Buffer.from(networkData) };
  expect(takesNetwork(configDriveFiles(anInstance(), identity, {}, kept))).toBe(expected);
});

test("a Secret's keys may have either spelling; one without the data is named", () => {
  const secret = { holds: "networkdata", secretName: "net", podVolume: "seed-ndata" } as const;
  const data = Buffer.from("version: 2");
  expect(secretData(secret, new Map([["networkdata", data]]))).toBe(data);
  expect(secretData(secret, new Map([["networkData", data]]))).toBe(data);
  expect(() => secretData(secret, new Map([["userdata", data]]))).toThrow('Secret "net" has no key "networkdata"');
});
