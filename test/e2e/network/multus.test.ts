import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sourceNode } from "../../../cluster/dev/source-program.ts";
import { installMultus, removeMultus } from "../../../cluster/multus.ts";
import { progress } from "../../../cluster/progress.ts";
import { cluster, eventually, nodes, useNamespace } from "../cluster.ts";
import { anInstance, Guest } from "./guest.ts";
import { usePrograms } from "./programs.ts";

const [node] = nodes;
const bridges = ["lan0", "lan1", "lan2"] as const;

// Before the namespace, so that it ends after it: pods that Multus has attached are detached by it.
afterAll(async () => {
  await removeMultus(cluster, node);
  for (const bridge of bridges)
    await node.bundle.run(["sh", "-c", `! [ -e /sys/class/net/${bridge} ] || ip link delete ${bridge}`]);
});
const namespace = useNamespace("multus", { "pod-security.kubernetes.io/enforce": "restricted" });
usePrograms(namespace);

/** A bridge of the node; the containers' addresses are given by `ipam`, if by anybody. */
const definition = (name: string, bridge: string, ipam: object): object => ({
  apiVersion: "k8s.cni.cncf.io/v1",
  kind: "NetworkAttachmentDefinition",
  metadata: { name },
  spec: {
    config: JSON.stringify({ cniVersion: "0.3.1", name, type: "bridge", bridge, capabilities: { mac: true }, ipam }),
  },
});

const mac = "02:00:00:00:0a:01";
const machine = (name: string, lan: object = {}): object =>
  anInstance(
    name,
    {
      nodeSelector: { "kubernetes.io/hostname": node.name },
      networks: [
        { name: "lan", multus: { networkName: "lan" } },
        { name: "default", pod: {} },
        { name: "addressed", multus: { networkName: "multus/addressed" } },
      ],
    },
    {
      interfaces: [
        { name: "default", masquerade: {} },
        { name: "lan", bridge: {}, ...lan },
        { name: "addressed", bridge: {} },
      ],
    },
  );

const first = new Guest(namespace, "first");
const second = new Guest(namespace, "second");
const synchronized = '.status.conditions[?(@.type=="Synchronized")].message';

beforeAll(async () => {
  // Whatever an earlier run has left.
  await removeMultus(cluster, node);
  await namespace.apply(machine("first", { macAddress: mac }));
});

test("without Multus a network of it is refused by name", async () => {
  await eventually(async () =>
    expect(await first.field(synchronized)).toBe(
      "spec.networks[0].multus: no NetworkAttachmentDefinitions are served here; is Multus installed?",
    ),
  );
});

test("a network that is not there is told by its name", async () => {
  await installMultus(cluster, node, progress({ live: false, quietBelow: Number.POSITIVE_INFINITY }));
  await namespace.apply(
    definition("addressed", "lan1", { type: "host-local", subnet: "192.168.51.0/24", dataDir: "/run/cni-leases" }),
  );
  await eventually(async () =>
    expect(await first.field(synchronized)).toBe(
      "spec.networks[0].multus: NetworkAttachmentDefinition multus/lan is not there",
    ),
  );
});

test("a network of another namespace is refused by name, unless its namespace shares its networks", async () => {
  const theirs = { ...definition("theirs", "lan2", {}), metadata: { name: "theirs", namespace: "kube-system" } };
  const shared = { ...definition("shared", "lan2", {}), metadata: { name: "shared", namespace: "default" } };
  await cluster.kubectl(["apply", "--filename=-"], {
    input: [theirs, shared].map((one) => JSON.stringify(one)).join("\n---\n"),
  });
  const attached = (name: string, networkName: string): object =>
    anInstance(
      name,
      { nodeSelector: { no: "node" }, networks: [{ name: "lan", multus: { networkName } }] },
      { interfaces: [{ name: "lan", bridge: {} }] },
    );
  await namespace.apply(attached("intruder", "kube-system/theirs"), attached("sharer", "default/shared"));
  const intruder = new Guest(namespace, "intruder");
  await eventually(async () =>
    expect(await intruder.field(synchronized)).toBe(
      "spec.networks[0].multus.networkName: kube-system/theirs: an instance here may use networks of its own namespace, default",
    ),
  );
  const networks = async (name: string): Promise<string> =>
    namespace.kubectl(
      "get",
      "pod",
      `--selector=vm.kubevirt.io/name=${name}`,
      "--output=jsonpath={.items[*].metadata.annotations.k8s\\.v1\\.cni\\.cncf\\.io/networks}",
    );
  await eventually(async () => expect(await networks("sharer")).toContain('"name":"shared","namespace":"default"'));
  expect(await namespace.kubectl("get", "pod", "--selector=vm.kubevirt.io/name=intruder", "--output=name")).toBe("");
  await namespace.kubectl("delete", "vmi", "intruder", "sharer");
});

describe("with its networks there", () => {
  beforeAll(async () => {
    await namespace.apply(definition("lan", "lan0", {}), machine("second"));
    await first.ready();
    await second.ready();
  });

  test("a guest has a card for each of its networks, with the addresses of the pod's devices", async () => {
    expect(await first.field(synchronized)).toBe("");
    expect(await first.sh("cat /sys/class/net/eth1/address")).toBe(`${mac}\n`);
    const told = await namespace.kubectl(
      "get",
      "pod",
      "--selector=vm.kubevirt.io/name=second",
      "--output=jsonpath={.items[0].metadata.annotations.k8s\\.v1\\.cni\\.cncf\\.io/network-status}",
    );
    const attached = (JSON.parse(told) as { name: string; interface: string; mac: string; ips?: string[] }[]).slice(1);
    expect(attached.map(({ name }) => name).toSorted()).toEqual(["multus/addressed", "multus/lan"]);
    const lan = attached.find(({ name }) => name === "multus/lan");
    const addressed = attached.find(({ name }) => name === "multus/addressed");
    expect(await second.sh("cat /sys/class/net/eth1/address")).toBe(`${lan?.mac}\n`);
    expect(await second.sh("ip -4 address show dev eth2")).toContain(`inet ${addressed?.ips?.[0]}/24`);
    await eventually(async () =>
      expect(JSON.parse(await second.field(".status.interfaces"))).toMatchObject([
        { name: "default", podInterfaceName: "eth0", infoSource: "domain, guest-agent" },
        { name: "lan", podInterfaceName: lan?.interface, mac: lan?.mac, interfaceName: "eth1" },
        {
          name: "addressed",
          ipAddress: addressed?.ips?.[0],
          podInterfaceName: addressed?.interface,
          mac: addressed?.mac,
          infoSource: "domain, guest-agent, multus-status",
        },
      ]),
    );
  });

  test("on a link that others share only the guest's own card is told an address", async () => {
    const own = await Promise.all(
      [first, second].map(async (guest) => {
        const address = (await guest.sh("ip -4 -o address show dev eth2")).match(/inet ([\d.]+)/)?.[1];
        return [(await guest.sh("cat /sys/class/net/eth2/address")).trim(), address] as const;
      }),
    );
    await node.bundle.run([
      "sh",
      "-ec",
      `ip netns add stranger
      ip link add stranger type veth peer name eth0 netns stranger
      ip link set stranger master lan1 up
      ip -n stranger address add 192.168.51.250/24 dev eth0
      ip -n stranger link set eth0 up
      ip -n stranger route add default dev eth0`,
    ]);
    try {
      const script = await readFile(join(import.meta.dirname, "dhcp-requests.ts"), "utf8");
      const program = [sourceNode, "--input-type=module-typescript", `--eval=${script}`, "--"];
      const requests = [["02:00:00:00:0b:ad", "192.168.51.251"], ...own].map(([card, address]) => `${card}=${address}`);
      const answers = await node.bundle.run([
        "ip",
        "netns",
        "exec",
        "stranger",
        "timeout",
        "20",
        ...program,
        ...requests,
      ]);
      expect(JSON.parse(answers)).toEqual(own.map(([card]) => `${card} ACK`).toSorted());
    } finally {
      await node.bundle.run(["ip", "netns", "delete", "stranger"]);
    }
  });

  test("a network can take the place of the pods'", async () => {
    const ipam = { type: "host-local", subnet: "192.168.52.0/24", dataDir: "/run/cni-leases" };
    await namespace.apply(
      definition("instead", "lan2", ipam),
      anInstance(
        "elsewhere",
        {
          nodeSelector: { "kubernetes.io/hostname": node.name },
          networks: [{ name: "only", multus: { networkName: "instead", default: true } }],
        },
        { interfaces: [{ name: "only", bridge: {} }] },
      ),
    );
    const elsewhere = new Guest(namespace, "elsewhere");
    const address = await elsewhere.ready();
    expect(address).toMatch(/^192\.168\.52\./);
    expect(await elsewhere.sh("ip -4 address show dev eth0")).toContain(`inet ${address}/24`);
    expect(await elsewhere.field(".status.interfaces[0].podInterfaceName")).toBe("eth0");
  });

  test("two guests reach each other on their own network, and the cluster on the pods'", async () => {
    await first.sh("ip address add 192.168.50.1/24 dev eth1");
    await second.sh("ip address add 192.168.50.2/24 dev eth1");
    const page = "cgi-bin/index.cgi";
    expect(await first.sh(`timeout 20 wget -q -O- http://192.168.50.2/${page}`)).toBe("second\n");
    expect(await second.sh(`timeout 20 wget -q -O- http://192.168.50.1/${page}`)).toBe("first\n");
    const other = (await second.sh("ip -4 -o address show dev eth2")).match(/inet ([\d.]+)/)?.[1];
    expect(await first.sh(`timeout 20 wget -q -O- http://${other}/${page}`)).toBe("second\n");
    const pod = await second.field(".status.interfaces[0].ipAddress");
    expect(await first.sh(`timeout 20 wget -q -O- http://${pod}/${page}`)).toBe("second\n");
    expect(await first.sh("ip route show default")).toContain("dev eth0");
  });
});
