import { join } from "node:path";
import { podDevice } from "../../api/contract/pod-devices.ts";
import type { CardTraffic, Network, NetworkObservation } from "../drivers/network.ts";
import type { Container } from "../drivers/pods.ts";
import type { Card } from "../network/card.ts";
import { canonical, localAddresses } from "../network/local-addresses.ts";
import { type PodLink, parseLinks } from "../network/pod-link.ts";
import { type PodNetwork, parsePodAddresses, parseResolver } from "../network/pod-network.ts";
import { podSetup, type Responder } from "../network/pod-setup.ts";
import type { GuestName } from "../network/search-domains.ts";
import { run } from "./command.ts";
import { processesOf } from "./pods/cgroups.ts";
import { readSmallFile } from "./small-file.ts";

/** The flag that says that a device is up (netdevice(7)). */
const isUp = 1;

/** The process names of the responders. */
const responders = new Set(["dnsmasq", "udhcpd"]);

/**
 * Runs udhcpd as nobody. udhcpd may still bind DHCP's port, and send to a client that has no address yet. dnsmasq drops
 * its privileges by itself.
 */
const asNobody = [
  "setpriv",
  "--reuid=65534",
  "--regid=65534",
  "--clear-groups",
  "--no-new-privs",
  "--inh-caps=-all,+net_raw,+net_bind_service",
  "--ambient-caps=-all,+net_raw,+net_bind_service",
  "--bounding-set=-all,+net_raw,+net_bind_service",
];

/** udhcpd reads its configuration after closing its standard input, so from a pipe that its own user owns. */
const udhcpd = [...asNobody, "sh", "-c", 'printf %s "$UDHCPD" | udhcpd /dev/fd/9 9<&0 > /dev/null 2>&1'];

/**
 * Runs in the node's network namespace, then in the pod's. All changes of a kind are one call, because programs take
 * longer to start than to make the changes. The responder is in the container's cgroups before it starts, and in its
 * PID namespace. So it ends when hold ends, even without the daemon, and keeps running when the daemon is gone.
 */
const attachScript = `
set -e
printf %s "$NODE_LINKS" | ip -batch -
exec nsenter --net="/proc/$HOLD/ns/net" sh -c '
set -e
printf %s "$POD_LINKS" | ip -batch -
for setting in $SETTINGS; do echo "\${setting#*=}" > "/proc/sys/net/\${setting%%=*}"; done
printf %s "$RULES" | nft --file -
[ $# -gt 0 ] || exit 0
for cgroup in $CGROUPS; do echo $$ > "$cgroup/cgroup.procs"; done
exec nsenter --target "$HOLD" --pid "$@"
' sh "$@"
`;

/** The networks of the node that this process runs on. The process must see the node's processes and cgroups. */
export class NodeNetwork implements Network {
  readonly #proc: string;

  constructor({ proc = "/proc" }: { proc?: string } = {}) {
    this.#proc = proc;
  }

  async observe(prefix: string, container: Container | undefined): Promise<NetworkObservation> {
    const ours = async (pid: number): Promise<string[]> =>
      devicesIn(await this.#read(pid, "net/dev")).filter((name) => name.startsWith(prefix));
    const [onNode, inPod, dhcp, addresses] = await Promise.all([
      ours(1),
      container ? ours(container.pid).then((names) => this.#thoseUp(container.pid, names)) : [],
      container ? this.#hasResponder(container) : false,
      container ? this.#addresses(container.pid) : [],
    ]);
    return { onNode, inPod, dhcp, addresses };
  }

  async links({ pid }: Container, devices: readonly string[]): Promise<PodLink[]> {
    const script = "ip -json address show && ip -json -4 route show";
    const told = await run(["nsenter", `--net=/proc/${pid}/ns/net`, "sh", "-c", script]);
    const [addresses = "", routes = ""] = told.trim().split("\n");
    const links = parseLinks(addresses, routes, devices);
    const missing = devices.find((name) => !links.some(({ device }) => device === name));
    if (missing) throw new Error(`the placeholder pod has no device ${missing}`);
    return links;
  }

  async makeTaps(cards: readonly Card[]): Promise<void> {
    const present = new Set(devicesIn(await this.#read(1, "net/dev")));
    const missing = cards.filter(({ tap }) => !present.has(tap));
    await this.#onNode(
      missing.map(({ tap, queues }) => `tuntap add dev ${tap} mode tap${queues > 1 ? " multi_queue" : ""}`),
    );
  }

  async attach(
    cards: readonly Card[],
    links: readonly PodLink[],
    container: Container,
    guest: GuestName,
  ): Promise<void> {
    const { pid, cgroups } = container;
    const [onNode, inPod, pod] = await Promise.all([
      this.#read(1, "net/dev").then(devicesIn),
      this.#read(pid, "net/dev").then(devicesIn),
      this.#podNetwork(pid),
    ]);
    const waiting = cards.map(({ tap }) => tap).filter((tap) => onNode.includes(tap));
    const lost = cards.find(({ tap }) => !onNode.includes(tap) && !inPod.includes(tap));
    if (lost) throw new Error(`the tap device ${lost.tap} of interface "${lost.name}" is gone`);
    // Such a tap is left from a machine that ended before it ran.
    const stale = waiting.filter((tap) => inPod.includes(tap));
    for (const tap of stale) await run(["nsenter", `--net=/proc/${pid}/ns/net`, "ip", "link", "delete", "dev", tap]);
    const setup = podSetup(cards, pod, links, guest);
    const bridges = setup.bridges.filter((name) => !inPod.includes(name));
    const env = {
      NODE_LINKS: lines(waiting.map((tap) => `link set dev ${tap} netns ${pid}`)),
      HOLD: String(pid),
      POD_LINKS: lines([...bridges.map((name) => `link add dev ${name} type bridge`), ...setup.links]),
      SETTINGS: Object.entries(setup.settings)
        .map(([path, value]) => `${path}=${value}`)
        .join(" "),
      RULES: setup.rules,
      CGROUPS: cgroups.join(" "),
    };
    const responder = (await this.#hasResponder(container)) ? undefined : setup.responder;
    const { command = [], environment = {} } = responder ? startOf(responder) : {};
    const attach = ["sh", "-c", attachScript, "sh", ...command];
    await run(["nsenter", "--target", "1", "--net", ...attach], { env: { ...env, ...environment } });
  }

  async removeTaps(taps: readonly string[]): Promise<void> {
    const present = new Set(devicesIn(await this.#read(1, "net/dev")));
    await this.#onNode(taps.filter((tap) => present.has(tap)).map((tap) => `link delete dev ${tap}`));
  }

  async traffic(cards: readonly Card[], process: number): Promise<CardTraffic[]> {
    const devices = (await this.#read(process, "net/dev")).split("\n");
    return cards.flatMap(({ name, tap }) => {
      const line = devices.find((one) => one.trim().startsWith(`${tap}:`));
      const counts = line
        ?.slice(line.indexOf(":") + 1)
        .trim()
        .split(/\s+/)
        .map(Number);
      // The tap device sends the bytes that the guest receives.
      const [sentBytes = 0, sentPackets = 0, , , , , , , receivedBytes = 0, receivedPackets = 0] = counts ?? [];
      return counts ? [{ name, receivedBytes, sentBytes, receivedPackets, sentPackets }] : [];
    });
  }

  async #onNode(commands: readonly string[]): Promise<void> {
    if (commands.length === 0) return;
    const env = { LINKS: lines(commands) };
    await run(["nsenter", "--target", "1", "--net", "sh", "-c", 'printf %s "$LINKS" | ip -batch -'], { env });
  }

  /** The devices of a network namespace that are up. Setting a device up is the last step of its setup. */
  async #thoseUp(pid: number, names: readonly string[]): Promise<string[]> {
    const flags = await Promise.all(names.map((name) => this.#read(pid, `root/sys/class/net/${name}/flags`)));
    return names.filter((_, index) => (Number(flags[index]?.trim()) & isUp) !== 0);
  }

  async #podNetwork(pid: number): Promise<PodNetwork> {
    const [addresses, resolver, mtu] = await Promise.all([
      this.#addresses(pid),
      this.#read(pid, "root/etc/resolv.conf"),
      this.#read(pid, `root/sys/class/net/${podDevice}/mtu`),
    ]);
    if (!(Number(mtu) > 0)) throw new Error(`the placeholder pod has no device ${podDevice}`);
    return { mtu: Number(mtu), addresses, resolver: parseResolver(resolver) };
  }

  /** The pod's addresses in the kubelet's order, limited to those that the kernel has in the pod's network. */
  async #addresses(pid: number): Promise<string[]> {
    const [hosts, v4, v6] = await Promise.all([
      this.#read(pid, "root/etc/hosts"),
      this.#read(pid, "net/fib_trie"),
      this.#read(pid, "net/if_inet6"),
    ]);
    const local = localAddresses(v4, v6);
    return parsePodAddresses(hosts).filter((address) => local.has(canonical(address)));
  }

  async #hasResponder({ cgroups }: Container): Promise<boolean> {
    const [cgroup] = cgroups;
    const pids = cgroup === undefined ? [] : await processesOf(cgroup);
    const names = await Promise.all(pids.map((pid) => this.#read(pid, "comm")));
    return names.some((name) => responders.has(name.trim()));
  }

  /** A file of a process; empty when the process or the file is gone, or when the file is not a regular one. */
  async #read(pid: number, file: string): Promise<string> {
    return readSmallFile(join(this.#proc, String(pid), file)).catch(() => "");
  }
}

/** The command that starts a responder. */
function startOf(responder: Responder): { command: readonly string[]; environment?: Record<string, string> } {
  if (responder.program === "dnsmasq") return { command: ["dnsmasq", ...responder.arguments] };
  return { command: udhcpd, environment: { UDHCPD: responder.configuration } };
}

/** The names of a network namespace's devices, from its `net/dev` (proc(5)). */
function devicesIn(text: string): string[] {
  return text.split("\n").flatMap((line) => /^\s*([^\s:]+):/.exec(line)?.[1] ?? []);
}

function lines(commands: readonly string[]): string {
  return commands.map((command) => `${command}\n`).join("");
}
