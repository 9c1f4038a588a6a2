import { beforeAll, describe, expect, test } from "vitest";
import { aPod, eventually, useNamespace } from "../cluster.ts";
import { thorough } from "../rounds.ts";
import { anInstance, Guest } from "./guest.ts";
import { usePrograms } from "./programs.ts";
import { webPod } from "./web-pod.ts";

const namespace = useNamespace("pod-network", { "pod-security.kubernetes.io/enforce": "restricted" });
usePrograms(namespace);

const on = (node: string): object => ({ nodeSelector: { "kubernetes.io/hostname": node } });
const first = new Guest(namespace, "first");
const second = new Guest(namespace, "second");
let address = "";

const service = (name: string, selector: object, ports: object[]): object => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { selector, ports },
});

/** How often a block of 16 MiB is sent: 1 GiB in all where that is wanted. */
const times = thorough ? 64 : 16;
const blockBytes = 16 << 20;
const stream = (file: string): string =>
  `#!/bin/sh\nprintf 'Content-Type: application/octet-stream\\r\\n\\r\\n'\nfor i in $(seq ${times}); do cat ${file}; done\n`;

/** The web pod with a block of noise, which is sent again and again. */
const webServer = `
mkdir -p /tmp/www/cgi-bin && cd /tmp/www
head -c ${blockBytes} /dev/urandom > block
cat > cgi-bin/stream << 'end'
${stream("/tmp/www/block")}end
${webPod}`;

/** As the namespace's level of Pod Security wants it. */
const restricted = {
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    runAsNonRoot: true,
    runAsUser: 1000,
    seccompProfile: { type: "RuntimeDefault" },
  },
};

beforeAll(async () => {
  await namespace.apply(
    anInstance("first", on("node-1")),
    anInstance("second", on("node-2")),
    aPod("web", webServer, { nodeName: "node-2" }, restricted),
    service("web", { app: "web" }, [{ port: 80, targetPort: 8080 }]),
    service("first", { "vm.kubevirt.io/name": "first" }, [{ port: 80 }]),
  );
  await namespace.ready("web");
  address = await first.ready();
  await second.ready();
});

test("a guest is at its pod's address, which its status and kubectl show", async () => {
  const podIps = await namespace.kubectl(
    "get",
    "pod",
    "--selector=vm.kubevirt.io/name=first",
    "--output=jsonpath={.items[0].status.podIP}",
  );
  expect(address).toBe(podIps);
  expect(await namespace.kubectl("get", "vmi", "first")).toContain(address);
  await eventually(async () =>
    expect(JSON.parse(await first.field(".status.interfaces[0]"))).toMatchObject({
      name: "default",
      interfaceName: "eth0",
      infoSource: "domain, guest-agent",
      mac: (await first.sh("cat /sys/class/net/eth0/address")).trim(),
    }),
  );
});

test("a guest has got its address, its resolver and its MTU by DHCP", async () => {
  expect(await first.sh("ip -4 address show dev eth0")).toContain("inet 10.0.2.2/24");
  expect(await first.sh("cat /etc/resolv.conf")).toContain(
    "search pod-network.svc.cluster.local svc.cluster.local cluster.local",
  );
  expect(await first.sh("hostname")).toBe("first\n");
  const { bundle } = await first.node();
  const mtu = await bundle.run(["cat", "/sys/class/net/eth0/mtu"]);
  expect((await first.sh("cat /sys/class/net/eth0/mtu")).trim()).toBe(mtu.trim());
});

test.each(["web", "web.pod-network", "web.pod-network.svc.cluster.local"])(
  "a guest fetches a page of a Service by the name %s",
  // A Service is not on every node at once.
  (name) => eventually(async () => expect(await first.sh(`timeout 20 wget -q -O- http://${name}/`)).toBe("hello\n")),
);

test("what a guest sends has its pod's address", async () => {
  const web = await namespace.kubectl("get", "pod", "web", "--output=jsonpath={.status.podIP}");
  expect(await first.sh(`timeout 20 wget -q -O- http://${web}:8080/cgi-bin/who`)).toContain(address);
});

test("a guest reaches itself at its pod's address, and by the Service that selects it", async () => {
  for (const host of [address, "first"]) {
    await eventually(async () =>
      expect(await first.sh(`timeout 20 wget -q -O- http://${host}/cgi-bin/index.cgi`)).toBe("first\n"),
    );
  }
});

describe("a guest's web server answers a pod", () => {
  test("at the guest's address", async () => {
    expect(await namespace.exec("web", `timeout 20 wget -q -O- http://${address}/cgi-bin/index.cgi`)).toBe("first");
  });

  test("through a Service that selects the machine", async () => {
    await eventually(async () => {
      expect(await namespace.exec("web", "timeout 20 wget -q -O- http://first/cgi-bin/index.cgi")).toBe("first");
    });
  });
});

test("two guests on two nodes reach each other", async () => {
  const other = await second.field(".status.interfaces[0].ipAddress");
  expect((await first.node()).name).not.toBe((await second.node()).name);
  expect(await first.sh(`timeout 20 wget -q -O- http://${other}/cgi-bin/index.cgi`)).toBe("second\n");
  expect(await second.sh("timeout 20 wget -q -O- http://first/cgi-bin/index.cgi")).toBe("first\n");
});

test("a guest that names its ports is reached at these alone, and is in the network that it asks for", async () => {
  const interfaces = [
    {
      name: "default",
      masquerade: {},
      macAddress: "02:11:22:33:44:55",
      ports: [{ port: 80 }, { port: 7, protocol: "UDP" }],
    },
  ];
  const networks = [{ name: "default", pod: { vmNetworkCIDR: "192.168.77.0/28" } }];
  const guest = new Guest(namespace, "few-ports");
  await namespace.apply(anInstance("few-ports", { networks }, { interfaces }));
  const few = await guest.ready();
  expect(await guest.sh("ip address show dev eth0")).toMatch(/02:11:22:33:44:55[^]*inet 192\.168\.77\.2\/28/);
  await guest.sh("httpd -p 81 -h /www");
  expect(await namespace.exec("web", `timeout 20 wget -q -O- http://${few}/cgi-bin/index.cgi`)).toBe("few-ports");
  expect(await guest.sh("timeout 20 wget -q -O- http://127.0.0.1:81/cgi-bin/index.cgi")).toBe("few-ports\n");
  await expect(namespace.exec("web", `timeout 3 wget -q -O- http://${few}:81/cgi-bin/index.cgi`)).rejects.toThrow(
    "refused",
  );
  expect(await guest.sh(`timeout 20 wget -q -O- http://${few}/cgi-bin/index.cgi`)).toBe("few-ports\n");
  await expect(guest.sh(`timeout 3 wget -q -O- http://${few}:81/cgi-bin/index.cgi`)).rejects.toThrow("refused");
  await namespace.kubectl("delete", "vmi", "few-ports", "--timeout=60s");
});

test("the cable of a card can be out", async () => {
  const interfaces = [{ name: "default", masquerade: {}, state: "down" }];
  const guest = new Guest(namespace, "unplugged");
  await namespace.apply(anInstance("unplugged", { networks: [{ name: "default", pod: {} }] }, { interfaces }));
  await guest.ready();
  expect(await guest.sh("cat /sys/class/net/eth0/carrier")).toBe("0\n");
  expect(await guest.field(".status.interfaces[0].linkState")).toBe("down");
  await namespace.kubectl("delete", "vmi", "unplugged", "--timeout=60s");
});

test("a long stream arrives whole in both directions", { timeout: 600_000 }, async () => {
  const web = await namespace.kubectl("get", "pod", "web", "--output=jsonpath={.status.podIP}");
  const sum = (
    await namespace.exec("web", `cd /tmp/www && for i in $(seq ${times}); do cat block; done | md5sum`)
  ).slice(0, 32);
  const received = await first.sh(`timeout 280 wget -q -O- http://${web}:8080/cgi-bin/stream | md5sum`, 300_000);
  expect(received.slice(0, 32)).toBe(sum);

  await first.sh(`timeout 60 wget -q -O /tmp/block http://${web}:8080/block`, 60_000);
  await first.sh(
    `cat > /www/cgi-bin/stream.cgi << 'end'\n${stream("/tmp/block")}end\nchmod +x /www/cgi-bin/stream.cgi`,
  );
  const sent = await namespace.exec("web", `timeout 280 wget -q -O- http://${address}/cgi-bin/stream.cgi | md5sum`);
  expect(sent.slice(0, 32)).toBe(sum);
});
