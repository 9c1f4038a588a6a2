import { expect, test } from "vitest";
import { noCloudFiles, secretData } from "../../node-daemon/cloud-init.ts";
import { anInstance } from "./an-instance.ts";

const identity = { namespace: "shop", name: "db", uid: "u" };

test("the data are those of the spec, else those of the Secrets", () => {
  const plain = noCloudFiles(anInstance(), identity, { userData: "#!", networkDataBase64: btoa("version: 2") });
  expect(plain).toMatchObject({ "user-data": "#!", "network-config": Buffer.from("version: 2") });
  expect(JSON.parse(String(plain["meta-data"]))).toEqual({ "instance-id": "db.shop", "local-hostname": "db" });
  const kept = noCloudFiles(anInstance(), identity, { secretRef: { name: "s" } }, { userdata: Buffer.from("#!") });
  expect(kept["user-data"]).toEqual(Buffer.from("#!"));
  expect(kept).not.toHaveProperty("network-config");
});

test("a Secret's keys may have either spelling; one without the data is named", () => {
  const secret = { holds: "networkdata", secretName: "net", podVolume: "seed-ndata" } as const;
  const data = Buffer.from("version: 2");
  expect(secretData(secret, new Map([["networkdata", data]]))).toBe(data);
  expect(secretData(secret, new Map([["networkData", data]]))).toBe(data);
  expect(() => secretData(secret, new Map([["userdata", data]]))).toThrow('Secret "net" has no key "networkdata"');
});
