import { readFile, rm, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aPod, eventually, nodes, useNamespace } from "../cluster.ts";
import { anInstance, Guest } from "./guest.ts";
import { usePrograms } from "./programs.ts";
import { webPod } from "./web-pod.ts";

const [node] = nodes;
const configuration = "/etc/cni/net.d/00-both-families.conflist";

// Before the namespace, so that it ends after its pods.
afterAll(async () => rm((await node.bundle.rootFolder()) + configuration, { force: true }));
const namespace = useNamespace("both-families");
usePrograms(namespace);

/** systemd asks for an address when the router says that there is one. */
const guest = new Guest(namespace, "guest");
let podAddresses: string[] = [];

beforeAll(async () => {
  const root = await node.bundle.rootFolder();
  const pods = JSON.parse(await readFile(`${root}/etc/cni/net.d/10-pods.conflist`, "utf8"));
  const { ipam } = pods.plugins[0];
  // The network keeps its name, by which addresses that are taken are known. Nothing else of the cluster has IPv6: pods of one node reach each other, which is all that is asked of it.
  ipam.ranges.push([{ subnet: "fd00:10:244:1::/64" }]);
  ipam.routes.push({ dst: "::/0" });
  await writeFile(root + configuration, JSON.stringify(pods));
  const image = { image: "localhost/debian:latest", imagePullPolicy: "Never" };
  await namespace.apply(
    anInstance(
      "guest",
      {
        nodeSelector: { "kubernetes.io/hostname": node.name },
        subdomain: "vms",
        domain: { memory: { guest: "384Mi" }, devices: { rng: {} } },
        volumes: [{ name: "root", containerDisk: image }],
      },
      {},
    ),
    aPod("web", webPod.replace("-p 8080", "-p [::]:8080"), { nodeName: node.name }),
  );
  await namespace.ready("web");
  await guest.ready(300_000);
  podAddresses = (await guest.field(".status.interfaces[0].ipAddresses[*]")).split(" ");
});

test("a guest of a pod with addresses of both families is at both", async () => {
  const selector = "--selector=vm.kubevirt.io/name=guest";
  const told = await namespace.kubectl("get", "pod", selector, "--output=jsonpath={.items[0].status.podIPs[*].ip}");
  expect(podAddresses).toEqual(told.split(" "));
  expect(podAddresses[1]).toContain("fd00:10:244:1:");
});

test("it has an IPv6 address behind its pod's, by which it reaches a pod and is reached", async () => {
  await eventually(async () => expect(await guest.sh("ip -6 address show scope global")).toContain("fd10:0:2::2/128"));
  const web = await namespace.kubectl("get", "pod", "web", "--output=jsonpath={.status.podIPs[1].ip}");
  const script = `exec 3<>/dev/tcp/${web}/8080 && printf 'GET /cgi-bin/who HTTP/1.0\\r\\n\\r\\n' >&3 && timeout 5 cat <&3`;
  // An address cannot be used until its uniqueness is known, nor without the router's advertisement.
  await eventually(async () => {
    expect(await guest.sh(`timeout 10 bash -c ${JSON.stringify(script)}`)).toContain(podAddresses[1]);
  });
  // The guest may say that it is ready before its sshd answers.
  await eventually(async () => {
    const greeting = await namespace.exec("web", `sleep 5 | timeout 5 nc ${podAddresses[1]} 22 | head -1`);
    expect(greeting).toContain("SSH-2.0");
  });
  // So does it by itself, at each of its pod's addresses.
  for (const address of podAddresses) {
    const greeting = `exec 3<>/dev/tcp/${address}/22 && timeout 10 head -n 1 <&3`;
    expect(await guest.sh(`timeout 20 bash -c ${JSON.stringify(greeting)}`)).toContain("SSH-2.0");
  }
});

test("it is told of its subdomain by its router, too", async () => {
  const folder = "/etc/systemd/network/90-dhcp.network.d";
  // systemd-networkd searches domains that it is told of if it is asked to; of a router's it forgets the order.
  const settings = "[DHCPv4]\\nUseDomains=no\\n[DHCPv6]\\nUseDomains=no\\n[IPv6AcceptRA]\\nUseDomains=yes\\n";
  await guest.sh(`mkdir -p ${folder} && printf '${settings}' > ${folder}/search.conf && networkctl reload`);
  await guest.sh("networkctl reconfigure $(ls /sys/class/net | grep -vx lo)");
  const told = ["vms.both-families.svc.", "both-families.svc.", "svc.", ""].map((name) => `${name}cluster.local`);
  await eventually(async () => {
    const found = (await guest.sh("resolvectl domain")).split(/\s+/).filter((word) => word.endsWith("cluster.local"));
    expect(new Set(found)).toEqual(new Set(told));
  });
});
