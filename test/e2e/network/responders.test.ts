import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sourceNode } from "../../../cluster/dev/source-program.ts";
import { podSetup } from "../../../node-daemon/network/pod-setup.ts";
import { aCard, aPodLink, aPodNetwork } from "../../node-daemon/network/a-card.ts";
import { nodes } from "../cluster.ts";

const [node] = nodes;
const card = aCard();
const bothFamilies = ["10.244.1.5", "fd00:10:244:1::5"];
const attachment = { binding: "bridge", bridge: "br0123456789-0", podMac: "02:00:00:00:00:02" } as const;

/** What a guest is told in answer to a question. */
interface Told {
  readonly address: string;
  readonly options: Readonly<Record<number, string>>;
}

/** A pod's network and its guest's, in which the responder runs that the setup names. */
const script = `
trap 'ip netns pids responder | xargs -r kill; ip netns delete responder; ip netns delete asker' EXIT
ip netns add responder
ip netns add asker
for namespace in responder asker; do ip netns exec $namespace sh -c 'echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad'; done
ip -n responder link add eth0 type veth peer name far
ip link add "$TAP" netns responder type veth peer name eth0 address "$MAC" netns asker
for bridge in $BRIDGES; do ip -n responder link add "$bridge" type bridge; done
printf '%s\\n' "$LINKS" | ip -n responder -batch -
ip -n asker link set eth0 up
ip -n asker route add default dev eth0
printf %s "$UDHCPD" > /run/udhcpd-asked.conf
if [ -n "$UDHCPD" ]; then set -- udhcpd -f /run/udhcpd-asked.conf; else set -- dnsmasq --keep-in-foreground "$@"; fi
ip netns exec responder "$@" > /dev/null 2>&1 &
ip netns exec asker timeout 30 "$NODE" --input-type=module-typescript --eval="$PROGRAM" -- "$MAC" $QUESTIONS
`;

/** Starts the responder of a setup on the node, asks it and returns what it says. */
async function ask(
  { bridges, links, responder }: ReturnType<typeof podSetup>,
  ...questions: readonly string[]
): Promise<Record<string, Told>> {
  const environment = {
    TAP: card.tap,
    MAC: card.mac,
    BRIDGES: bridges.join(" "),
    LINKS: links.join("\n"),
    UDHCPD: responder?.program === "udhcpd" ? responder.configuration : "",
    NODE: sourceNode,
    PROGRAM: await readFile(join(import.meta.dirname, "dhcp-asks.ts"), "utf8"),
    QUESTIONS: questions.join(" "),
  };
  const given = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const started = responder?.program === "dnsmasq" ? responder.arguments : [];
  return JSON.parse(await node.bundle.run(["env", ...given, "sh", "-ec", script, "sh", ...started]));
}

const text = (hex = ""): string => Buffer.from(hex, "hex").toString();

/** The domains of a list as DNS writes them, with what is said once only (RFC 1035, 4.1.4). */
function domains(hex = ""): string[] {
  const bytes = Buffer.from(hex, "hex");
  const labels = (at: number): string[] => {
    const length = bytes[at] ?? 0;
    if (length >= 0xc0) return labels(bytes.readUInt16BE(at) & 0x3fff);
    return length === 0 ? [] : [text(bytes.toString("hex", at + 1, at + 1 + length)), ...labels(at + 1 + length)];
  };
  const list: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    list.push(labels(at).join("."));
    while ((bytes[at] ?? 0) > 0 && (bytes[at] ?? 0) < 0xc0) at += 1 + (bytes[at] ?? 0);
    at += (bytes[at] ?? 0) >= 0xc0 ? 2 : 1;
  }
  return list;
}

const db = { hostname: "db", namespace: "shop", subdomain: "vms" };
const searches = ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local"];
const resolver = { servers: ["10.96.0.10"], searches };
const masquerade = (addresses: string[], name = db, list = searches) =>
  podSetup([card], aPodNetwork({ addresses, resolver: { ...resolver, searches: list } }), [], name);
const bridged = (name = db) => podSetup([aCard({ attachment })], aPodNetwork({ resolver }), [aPodLink()], name);

// Words of dnsmasq's own, and what it could take for a lease time, a number or an address.
describe.each([
  "ignore",
  "infinite",
  "1h",
  "12",
  "3600",
  "7d",
  "2w",
  "30m",
  "45s",
  "45b",
  "0",
  "id",
  "set",
  "net",
  "tag",
])("a guest that is called %s", (hostname) => {
  test("has its addresses and its name from dnsmasq", async () => {
    const told = await ask(masquerade(bothFamilies, { ...db, hostname }), "4=1,3,12", "6");
    expect(told["4"]?.address).toBe("10.0.2.2");
    expect(text(told["4"]?.options[12])).toBe(hostname);
    expect(told["6"]?.address).toBe("fd100000000200000000000000000002");
    // A byte of flags, then the name in labels (RFC 4704).
    expect(domains(told["6"]?.options[39]?.slice(2))).toEqual([hostname]);
  });

  test("has them in its pod's place, too", async () => {
    const told = await ask(bridged({ ...db, hostname }), "4=1,3,12");
    expect(told["4"]?.address).toBe("10.244.1.5");
    expect(text(told["4"]?.options[12])).toBe(hostname);
  });
});

describe.each([
  ["udhcpd", masquerade(["10.244.1.5"])],
  ["dnsmasq", masquerade(bothFamilies)],
  ["dnsmasq of a bridge", bridged()],
] as const)("%s", (program, setup) => {
  test("tells who asks for no more than its address where it is and how large packets are", async () => {
    expect(program).toContain(setup.responder?.program);
    const { "4": told } = await ask(setup, "4=1,3");
    expect(text(told?.options[15])).toBe("vms.shop.svc.cluster.local");
    expect(domains(told?.options[119])).toEqual(["vms.shop.svc.cluster.local", ...searches]);
    expect(Number(`0x${told?.options[26]}`)).toBe(1450);
  });
});

test("an IPv6 guest is told to search its subdomain first", async () => {
  const { "6": told } = await ask(masquerade(bothFamilies), "6");
  expect(domains(told?.options[24])).toEqual(["vms.shop.svc.cluster.local", ...searches]);
});

// Kubernetes takes 32 domains of 2048 characters. The first ones that have room are told, whole, by whom they fit.
test.each([0, 40, 41, 60, 120, 250, 600])("with %i more bytes of domains no answer is cut", async (more) => {
  const filled = Array.from({ length: Math.ceil(more / 50) }, (_, index) => {
    const bytes = Math.min(50, more - index * 50);
    return `${String.fromCharCode(97 + index)}${"x".repeat(Math.max(bytes - 5, 0))}.ab`;
  });
  const list = [...searches, ...filled];
  for (const addresses of [["10.244.1.5"], bothFamilies]) {
    const { "4": told } = await ask(masquerade(addresses, { ...db, hostname: "h".repeat(63) }, list), "4=1,3,6,12,119");
    const found = domains(told?.options[119]);
    expect(found.slice(0, 4)).toEqual(["vms.shop.svc.cluster.local", ...searches]);
    expect(list).toEqual(expect.arrayContaining(found.slice(1)));
    expect(text(told?.options[12])).toBe("h".repeat(63));
    expect(told?.options[6]).toBe("0a60000a");
  }
});
