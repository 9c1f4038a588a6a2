import { writeFile } from "node:fs/promises";
import type { Node } from "../../cluster/cluster.ts";
import { connect, type Domain } from "../../node-libvirt/src/index.ts";
import { aPod, eventually } from "../e2e/cluster.ts";
import { run } from "../e2e/node-libvirt/guest.ts";
import { libvirtOf } from "../e2e/node-libvirt/libvirt-node.ts";
import { withAddOn } from "./add-on.ts";
import type { Bench, Row } from "./measurement.ts";
import { against } from "./pairs.ts";
import { qemuUserIn } from "./starters.ts";

const rounds = 5;
const megabytes = 32;
const transfers = 4;
const requests = 30;

/** The share of the libvirt bridge's speed that a guest on the Pod network must reach. */
const bar = 0.9;

const folder = "/var/lib/libvirt/bench-network";
const bridged = "bench-bridged";

/** Compares a guest on the Pod network with the same guest on libvirt's own bridge, on one node and with one Pod. */
export const bench: Bench = async (context) => {
  const { cluster, step } = context;
  const client = await withAddOn(context);
  client.close();
  const node = cluster.node(1);
  const web = await step.step("pod", () => startPod(cluster.kubectl.bind(cluster)));
  const own = await step.step("guest on the pod network", () => startInstance(cluster.kubectl.bind(cluster)));
  await step.step("guest on libvirt's bridge", () => startBridged(node));
  await using connection = await connect((await libvirtOf(node)).socket);
  const guests = {
    ours: { domain: await connection.lookupByName("default_guest"), address: own },
    theirs: { domain: await connection.lookupByName(bridged), address: "192.168.77.2" },
  };
  const inPod = (script: string): Promise<string> => cluster.kubectl(["exec", "web", "--", "sh", "-c", script]);
  for (const { domain } of Object.values(guests)) {
    await eventually(() => run(domain, `timeout 5 wget -q -O /www/block http://${web}:8080/block`), 60_000);
  }
  const found = { ours: figures(), theirs: figures() };
  for (let round = 0; round < rounds; round += 1) {
    await step.step(`round ${round + 1}`, async () => {
      for (const whose of ["ours", "theirs"] as const) await measure(guests[whose], web, inPod, found[whose]);
    });
  }
  const { ours, theirs } = found;
  return [
    against("guest to pod", "MB/s", ours.sent, theirs.sent, bar),
    against("pod to guest", "MB/s", ours.received, theirs.received, bar),
    against("guest asks pod", "requests/s", ours.asked, theirs.asked, bar),
  ] satisfies Row[];
};

interface Guest {
  domain: Domain;
  address: string;
}

interface Figures {
  sent: number[];
  received: number[];
  asked: number[];
}

function figures(): Figures {
  return { sent: [], received: [], asked: [] };
}

async function measure(
  { domain, address }: Guest,
  web: string,
  inPod: (script: string) => Promise<string>,
  { sent, received, asked }: Figures,
): Promise<void> {
  const fetch = (url: string, times: number): string =>
    timed(`for i in $(seq ${times}); do wget -q -O /dev/null ${url}; done`);
  const size = megabytes * transfers * 1.048576;
  received.push(size / Number(await run(domain, fetch(`http://${web}:8080/block`, transfers))));
  sent.push(size / Number(await inPod(fetch(`http://${address}/block`, transfers))));
  asked.push(requests / Number(await run(domain, fetch(`http://${web}:8080/index.html`, requests))));
}

/** Wraps a script in one that prints the script's duration in seconds. */
function timed(script: string): string {
  return `read since _ < /proc/uptime; ${script}; read now _ < /proc/uptime; echo "$now $since" | awk '{print $1 - $2}'`;
}

type Kubectl = (args: readonly string[], options?: { input?: string }) => Promise<string>;

/** Starts a Pod that serves a page and a block of random bytes, and returns its address. */
async function startPod(kubectl: Kubectl): Promise<string> {
  const noise = `head -c ${megabytes << 20} /dev/urandom > /tmp/block`;
  const script = `cd /tmp && echo hello > index.html && ${noise} && exec httpd -f -p 8080 -h /tmp`;
  await kubectl(["apply", "--filename=-"], { input: JSON.stringify(aPod("web", script)) });
  await kubectl(["wait", "pod", "web", "--for=condition=Ready", "--timeout=60s"]);
  return kubectl(["get", "pod", "web", "--output=jsonpath={.status.podIP}"]);
}

/** Starts an instance, waits for its agent, and returns its address. */
async function startInstance(kubectl: Kubectl): Promise<string> {
  const instance = {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachineInstance",
    metadata: { name: "guest" },
    spec: {
      domain: { memory: { guest: "224Mi" }, devices: { rng: {} } },
      volumes: [{ name: "root", containerDisk: { image: "localhost/tiny:latest", imagePullPolicy: "Never" } }],
    },
  };
  await kubectl(["apply", "--filename=-"], { input: JSON.stringify(instance) });
  await kubectl(["wait", "vmi", "guest", "--for=condition=AgentConnected", "--timeout=120s"]);
  return kubectl(["get", "vmi", "guest", "--output=jsonpath={.status.interfaces[0].ipAddress}"]);
}

/** Starts a copy of the instance's domain, on a routed libvirt network without a packet filter. */
async function startBridged(node: Node): Promise<void> {
  const { bundle } = node;
  const mac = "02:00:00:00:77:02";
  const network = `<network><name>bench</name><forward mode='open'/><bridge name='virbr-bench'/>
    <ip address='192.168.77.1' netmask='255.255.255.0'>
      <dhcp><range start='192.168.77.2' end='192.168.77.2'/><host mac='${mac}' ip='192.168.77.2'/></dhcp>
    </ip></network>`;
  const xml = await bundle.run(["virsh", "dumpxml", "--inactive", "default_guest"]);
  const owner = `--owner=${qemuUserIn(xml)}`;
  await bundle.run(["install", "--directory", owner, folder]);
  const [overlay = ""] = /(?<=<source file=')[^']*root\.qcow2/.exec(xml) ?? [];
  await bundle.run(["install", owner, overlay, `${folder}/root.qcow2`]);
  const card = `<interface type='network'><source network='bench'/><mac address='${mac}'/><model type='virtio'/></interface>`;
  const domain = xml
    .replace(/<metadata>.*?<\/metadata>/s, "")
    .replace(/<interface .*?<\/interface>/s, card)
    .replace(/<name>.*?<\/name>/, `<name>${bridged}</name>`)
    .replaceAll(/<uuid>.*?<\/uuid>|<entry name='uuid'>.*?<\/entry>/g, "")
    .replaceAll(overlay, `${folder}/root.qcow2`)
    .replaceAll(/(['"])\/[^'"]*\/sockets\//g, `$1${folder}/`);
  const root = await bundle.rootFolder();
  await writeFile(`${root}${folder}/network.xml`, network);
  await writeFile(`${root}${folder}/domain.xml`, domain);
  await bundle.run(["virsh", "--quiet", "net-create", `${folder}/network.xml`]);
  await bundle.run(["virsh", "--quiet", "create", `${folder}/domain.xml`]);
  await bundle.run(["sh", "-c", adopt]);
}

/** Moves the bridged guest's QEMU into the other guest's cgroups, so that CPU shares do not affect the result. */
const adopt = `
pid=$(cat /run/libvirt/qemu/${bridged}.pid)
while IFS=: read -r _ controllers path; do
  cgroup="/sys/fs/cgroup/\${controllers#name=}$path/cgroup.procs"
  [ "$controllers" = devices ] || [ ! -e "$cgroup" ] || echo "$pid" > "$cgroup"
done < "/proc/$(cat /run/libvirt/qemu/default_guest.pid)/cgroup"
`;
