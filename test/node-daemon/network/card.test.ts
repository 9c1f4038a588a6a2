import { expect, test } from "vitest";
import { cardsOf, tapPrefix } from "../../../node-daemon/network/card.ts";
import { anInstance } from "../an-instance.ts";
import { aPodLink } from "./a-card.ts";

const pod = [{ name: "default", pod: {} }];

function cards(devices: object, networks: object[] = pod, metadata: object = {}) {
  return cardsOf(anInstance({ devices, spec: { networks }, metadata }));
}

test("a machine without interfaces has no cards", () => {
  expect(cards({}, [])).toEqual([]);
});

test("a card's address is that of the machine, whichever instance of it runs; its tap device is the instance's", () => {
  const interfaces = [{ name: "default", masquerade: {} }];
  const [first] = cards({ interfaces });
  const [next] = cards({ interfaces }, pod, { uid: "another" });
  expect(first?.mac).toMatch(/^02(:[0-9a-f]{2}){5}$/);
  expect(next?.mac).toBe(first?.mac);
  expect(next?.tap).not.toBe(first?.tap);
});

test("a card has the address that it is given", () => {
  const [card] = cards({ interfaces: [{ name: "default", masquerade: {}, macAddress: "DE-AD-BE-EF-00-01" }] });
  expect(card?.mac).toBe("de:ad:be:ef:00:01");
});

test("the names of an instance's tap devices have room for two digits", () => {
  expect(`${tapPrefix("0a9f4c1e-8d3b-4c57-9b53-0d6f1e2a7c44")}31`).toMatch(/^vm[0-9a-f]{10}-31$/);
});

test("a guest cannot be behind its pod on another network", () => {
  const networks = [{ name: "default", multus: { networkName: "lan" } }];
  expect(() => cards({ interfaces: [{ name: "default", masquerade: {} }] }, networks)).toThrow("interfaces[0]");
});

test("a card that is bridged has the address of the pod's device, unless it is given one", () => {
  const networks = [
    { name: "default", pod: {} },
    { name: "lan", multus: { networkName: "lan" } },
  ];
  const interfaces = [
    { name: "default", bridge: {} },
    { name: "lan", bridge: {}, macAddress: "02:00:00:00:00:07" },
  ];
  const instance = anInstance({ devices: { interfaces }, spec: { networks } });
  const device = cardsOf(instance)[1]?.device ?? "";
  expect(device).toMatch(/^pod[0-9a-f]{11}$/);
  expect(cardsOf(instance, [aPodLink(), aPodLink({ device, mtu: 9000 })])).toMatchObject([
    { device: "eth0", mac: "0a:58:0a:f4:01:05", mtu: 1450 },
    { device, mac: "02:00:00:00:00:07", mtu: 9000 },
  ]);
});
