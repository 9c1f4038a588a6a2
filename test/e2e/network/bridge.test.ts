import { beforeAll, describe, expect, test } from "vitest";
import { aPod, eventually, nodes, useNamespace } from "../cluster.ts";
import { anInstance, Guest } from "./guest.ts";
import { usePrograms } from "./programs.ts";
import { webPod } from "./web-pod.ts";

const namespace = useNamespace("bridge");
const {
  daemons: [daemon],
} = usePrograms(namespace);
const [node] = nodes;

const guest = new Guest(namespace, "bridged");
const bridged = (name: string): object =>
  anInstance(
    name,
    {
      nodeSelector: { "kubernetes.io/hostname": node.name },
      networks: [{ name: "default", pod: {} }],
      readinessProbe: { httpGet: { port: 80 }, periodSeconds: 1 },
    },
    { interfaces: [{ name: "default", bridge: {} }] },
  );
let address = "";

beforeAll(async () => {
  await namespace.apply(
    bridged("bridged"),
    // One that the guest shares its prefix with, but not its link, and one behind the node's.
    aPod("near", webPod, { nodeName: node.name }),
    aPod("far", webPod, { nodeName: "node-2" }),
    { apiVersion: "v1", kind: "Service", metadata: { name: "far" }, spec: selecting({ app: "far" }, 8080) },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "bridged" },
      spec: selecting({ "vm.kubevirt.io/name": "bridged" }, 80),
    },
  );
  await namespace.ready("near", "far");
  address = await guest.ready();
});

function selecting(selector: object, targetPort: number): object {
  return { selector, ports: [{ port: 80, targetPort }] };
}

async function podField(name: string, path: string): Promise<string> {
  const selector = `--selector=vm.kubevirt.io/name=${name}`;
  return namespace.kubectl("get", "pod", selector, `--output=jsonpath={.items[0]${path}}`);
}

test("a bridged guest has its pod's own address, and the hardware address that the network gave the pod", async () => {
  expect(address).toBe(await podField("bridged", ".status.podIP"));
  expect(await guest.sh("ip -4 address show dev eth0")).toContain(`inet ${address}/`);
  const mac = (await guest.sh("cat /sys/class/net/eth0/address")).trim();
  // What the CNI plug-ins have told, as the container runtime keeps it.
  const uid = await podField("bridged", ".metadata.uid");
  expect(await node.bundle.run(["sh", "-c", `cat $(grep -l ${uid} /var/lib/cni/results/*)`])).toContain(mac);
  await eventually(async () =>
    expect(JSON.parse(await guest.field(".status.interfaces[0]"))).toMatchObject({
      name: "default",
      ipAddress: address,
      mac,
      podInterfaceName: "eth0",
      infoSource: "domain, guest-agent",
    }),
  );
});

describe("a bridged guest reaches", () => {
  test.each(["near", "far"])("the pod %s", async (pod) => {
    const ip = await namespace.kubectl("get", "pod", pod, "--output=jsonpath={.status.podIP}");
    expect(await guest.sh(`timeout 20 wget -q -O- http://${ip}:8080/cgi-bin/who`)).toContain(address);
  });

  test("a Service by its name", async () => {
    await eventually(async () => expect(await guest.sh("timeout 20 wget -q -O- http://far/")).toBe("hello\n"));
  });
});

test("a bridged guest is reached by its pod's address, by a Service, and by the kubelet's probes", async () => {
  const fetch = (host: string): string => `timeout 20 wget -q -O- http://${host}/cgi-bin/index.cgi`;
  expect(await namespace.exec("near", fetch(address))).toBe("bridged");
  expect(await namespace.exec("far", fetch(address))).toBe("bridged");
  await namespace.kubectl("wait", "vmi", "bridged", "--for=condition=Ready", "--timeout=30s");
  expect(await eventually(() => namespace.exec("far", fetch("bridged")))).toBe("bridged");
});

test("a responder that was killed comes back, from what was kept of the pod's device", async () => {
  await daemon?.kill();
  const responder = async (): Promise<string> => (await node.bundle.run(["pgrep", "-x", "dnsmasq"])).trim();
  await node.bundle.run(["kill", await responder()]);
  await daemon?.start();
  await eventually(responder);
  await guest.sh("udhcpc -n -q -t 5 -i eth0 -s /etc/udhcpc.script");
  expect(await guest.sh("ip -4 address show dev eth0")).toContain(`inet ${address}/`);
});

test("a daemon that dies after it has kept what the pod's device had goes on", async () => {
  const name = "again";
  const since = (await daemon?.log())?.length ?? 0;
  await namespace.apply(bridged(name));
  await eventually(async () => {
    if (!(await daemon?.log())?.slice(since).includes('"do":"keep-links"')) throw new Error("nothing is kept yet");
  });
  await daemon?.kill();
  await daemon?.start();
  const again = new Guest(namespace, name);
  const own = await again.ready();
  expect(own).toBe(await podField(name, ".status.podIP"));
  expect(await again.sh("ip -4 address show dev eth0")).toContain(`inet ${own}/`);
});
