import { expect, test } from "vitest";
import { parsePodAddresses, parseResolver } from "../../../node-daemon/network/pod-network.ts";
import { podSetup } from "../../../node-daemon/network/pod-setup.ts";
import { aCard, aPodLink, aPodNetwork, masquerade } from "./a-card.ts";

/** What the guest is called. */
const db = { hostname: "db", namespace: "shop" };

test("a guest behind its pod's address", async () => {
  await expect(text(podSetup([aCard()], aPodNetwork(), [], db))).toMatchFileSnapshot("golden/masquerade.txt");
});

test("a guest of a pod with addresses of both families, and with a few ports", async () => {
  const ports = [
    { port: 80, name: "http" },
    { port: 443, protocol: "TCP" as const },
    { port: 53, protocol: "UDP" as const },
  ];
  const pod = aPodNetwork({
    addresses: ["10.244.1.5", "fd00:10:244:1::5"],
    resolver: { servers: ["10.96.0.10", "fd00:10:96::a"], searches: ["cluster.local"] },
  });
  const card = aCard({ attachment: { ...masquerade, ports } });
  await expect(text(podSetup([card], pod, [], db))).toMatchFileSnapshot("golden/both-families.txt");
});

test("a network that holds the pod's own address is refused", () => {
  const card = aCard({ attachment: { ...masquerade, cidr: "10.244.0.0/16" } });
  expect(() => podSetup([card], aPodNetwork(), [], db)).toThrow(/vmNetworkCIDR: 10\.244\.0\.0\/16 .* 10\.244\.1\.5/);
});

const bridge = { binding: "bridge", bridge: "br0123456789-0", podMac: "02:00:00:00:00:02" } as const;

test("a guest in its pod's place, whose neighbours are behind a gateway", async () => {
  const setup = podSetup([aCard({ attachment: bridge })], aPodNetwork(), [aPodLink()], db);
  await expect(text(setup)).toMatchFileSnapshot("golden/bridge.txt");
});

test("a guest whose neighbours are on its link has the pod's whole prefix", () => {
  const link = aPodLink({ routes: [{ to: "0.0.0.0/0", gateway: "10.244.1.1" }, { to: "10.244.1.0/24" }] });
  const setup = text(podSetup([aCard({ attachment: bridge })], aPodNetwork(), [link], db));
  expect(setup).toContain("--dhcp-range=10.244.1.5,static,255.255.255.0,infinite\n");
  expect(setup).toContain("--dhcp-option=tag:vm0123456789-0,option:classless-static-route,0.0.0.0/0,10.244.1.1\n");
});

test("a card on a network that gives no addresses is bridged, and nobody tells it any", () => {
  const card = aCard({ device: "pod1", attachment: bridge });
  const setup = podSetup([card], aPodNetwork(), [aPodLink({ device: "pod1", addresses: [], routes: [] })], db);
  expect(setup).toMatchObject({ bridges: ["br0123456789-0"], responder: undefined });
});

test("without cards there is nothing to set up", () => {
  const nothing = { bridges: [], links: [], settings: {}, rules: "", responder: undefined };
  expect(podSetup([], aPodNetwork(), [], db)).toEqual(nothing);
});

test("the pod's addresses are those that the kubelet writes down", () => {
  const hosts = `# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
10.244.1.5\tdb
fd00:10:244:1::5\tdb
`;
  expect(parsePodAddresses(hosts)).toEqual(["10.244.1.5", "fd00:10:244:1::5"]);
});

test("the resolver's settings are read as the resolver reads them", () => {
  const resolver = parseResolver(
    "nameserver 10.96.0.10\nsearch a\nsearch b.c  d\nnameserver nonsense\noptions ndots:5\n",
  );
  expect(resolver).toEqual({ servers: ["10.96.0.10"], searches: ["b.c", "d"] });
  expect(parseResolver("search .\n")).toEqual({ servers: [], searches: [] });
});

function text({ bridges, links, settings, rules, responder }: ReturnType<typeof podSetup>): string {
  const values = Object.entries(settings).map(([path, value]) => `${path} = ${value}`);
  const answers = responder?.program === "dnsmasq" ? [...responder.arguments, ""] : [responder?.configuration ?? ""];
  return [...bridges, ...links, "", ...values, "", rules, ...answers].join("\n");
}
