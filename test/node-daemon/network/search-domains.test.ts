import { expect, test } from "vitest";
import { podSetup } from "../../../node-daemon/network/pod-setup.ts";
import { searchBytes, withSearchDomains } from "../../../node-daemon/network/search-domains.ts";
import { aCard, aPodLink, aPodNetwork } from "./a-card.ts";

const db = { hostname: "db", namespace: "shop", subdomain: "vms" };
const domains = ["shop.svc.cluster.example", "svc.cluster.example", "cluster.example", "rack.example"];

/** What a guest of that name searches in a pod that searches these. */
const searches = (name: typeof db | Omit<typeof db, "subdomain">, ...given: readonly string[]): readonly string[] =>
  withSearchDomains({ servers: [], searches: given }, name).searches;

test("a guest with a subdomain searches that first, in the cluster's domain", () => {
  expect(searches(db, ...domains)).toEqual(["vms.shop.svc.cluster.example", ...domains]);
  expect(searches({ hostname: "db", namespace: "shop" }, ...domains)).toEqual(domains);
});

test("it is not named twice, and not made up where the cluster's domain is not known", () => {
  expect(searches(db, ...domains, "vms.shop.svc.cluster.example.")).toEqual([
    "vms.shop.svc.cluster.example",
    ...domains,
  ]);
  expect(searches(db, "rack.example", "svc.cluster.example")).toEqual(["rack.example", "svc.cluster.example"]);
  // A subdomain may be called as its namespace is, and namespaces as each other's beginning.
  expect(searches({ ...db, subdomain: "shop" }, ...domains)[0]).toBe("shop.shop.svc.cluster.example");
  expect(searches(db, "shop-2.svc.cluster.example")).toEqual(["shop-2.svc.cluster.example"]);
});

test("what has no form in DHCP or no room in its option is left out", () => {
  const long = Array.from({ length: 9 }, (_, index) => `${String(index).repeat(35)}.example`);
  const told = searches(db, `${"x".repeat(64)}.example`, ...domains, ...long, "z.example");
  expect(told.slice(0, 5)).toEqual(["vms.shop.svc.cluster.example", ...domains]);
  expect(told).not.toContain(long.at(-1));
  expect(told).toContain("z.example");
  // With what else is told: 8 options, the host's name and its domain.
  expect(searchBytes(told) + 37 + 8 + "db".length + "vms.shop.svc.cluster.example".length).toBeLessThanOrEqual(306);
});

const setup = (name: typeof db, resolver: readonly string[] = domains) =>
  podSetup([aCard()], aPodNetwork({ resolver: { servers: ["10.96.0.10"], searches: resolver } }), [], name).responder;

test("udhcpd and dnsmasq tell of it, to both families and to who is bridged", () => {
  const list = ["vms.shop.svc.cluster.example", ...domains];
  expect(setup(db)).toMatchObject({
    configuration: expect.stringContaining(`option domain ${list[0]}\noption search ${list.join(" ")}\n`),
  });
  const resolver = { servers: ["10.96.0.10"], searches: domains };
  const both = podSetup([aCard()], aPodNetwork({ addresses: ["10.244.1.5", "fd00::5"], resolver }), [], db);
  const attachment = { binding: "bridge", bridge: "br0123456789-0", podMac: "02:00:00:00:00:02" } as const;
  const bridged = podSetup([aCard({ attachment })], aPodNetwork({ resolver }), [aPodLink()], db);
  const told = ({ responder }: typeof both) =>
    responder?.program === "dnsmasq" ? responder.arguments.filter((argument) => argument.includes("domain-")) : [];
  const option = (text: string) => expect.stringMatching(new RegExp(`^--dhcp-option.*=tag:vm0123456789-0,${text}$`));
  const v4 = [option(`option:domain-search,${list.join(",")}`), option(`option:domain-name,${list[0]}`)];
  expect(told(both)).toEqual([...v4, option(`option6:domain-search,${list.join(",")}`)]);
  expect(told(bridged)).toEqual(v4);
});
