import { readFile, rm, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aPod, nodes, useNamespace } from "../cluster.ts";
import { anInstance, Guest } from "./guest.ts";
import { usePrograms } from "./programs.ts";

const [node] = nodes;
const configuration = "/etc/cni/net.d/00-mtu.conflist";
const jumbo = 9000;
const usual = 1500;
const nodeSelector = { "kubernetes.io/hostname": node.name };

async function setNodesMtu(mtu: number): Promise<void> {
  await node.bundle.run(["ip", "link", "set", "dev", "eth0", "mtu", String(mtu)]);
}

// Before the namespace, so that it ends after its pods.
afterAll(async () => {
  await rm((await node.bundle.rootFolder()) + configuration, { force: true });
  await setNodesMtu(usual);
});
// Before the programs: a daemon looks once for the largest packet that its guests' pods may have, at its own network.
beforeAll(() => setNodesMtu(jumbo));
const namespace = useNamespace("mtu");
usePrograms(namespace);

test.each([1400, jumbo])(
  "a guest of a pod whose packets have up to %i bytes has such, and large files pass both ways",
  async (mtu) => {
    const root = await node.bundle.rootFolder();
    const pods = JSON.parse(await readFile(`${root}/etc/cni/net.d/10-pods.conflist`, "utf8"));
    // Under its own name: addresses are told apart by that.
    pods.plugins[0].mtu = mtu;
    await writeFile(root + configuration, JSON.stringify(pods));
    const [web, name] = [`web-${mtu}`, `guest-${mtu}`];
    await namespace.apply(
      aPod(web, "cd /tmp && head -c 16m /dev/urandom > block && exec httpd -f -p 8080 -h /tmp", {
        nodeName: node.name,
      }),
      anInstance(name, { nodeSelector }),
    );
    await namespace.ready(web);
    const guest = new Guest(namespace, name);
    const address = await guest.ready();
    expect((await namespace.exec(web, "cat /sys/class/net/eth0/mtu")).trim()).toBe(`${mtu}`);
    expect((await guest.sh("cat /sys/class/net/eth0/mtu")).trim()).toBe(`${mtu}`);
    const at = await namespace.kubectl("get", "pod", web, "--output=jsonpath={.status.podIP}");
    const sum = (await namespace.exec(web, "md5sum < /tmp/block")).trim();
    const fetched = `timeout 100 wget -q -O /www/block http://${at}:8080/block && md5sum < /www/block`;
    expect((await guest.sh(fetched, 110_000)).trim()).toBe(sum);
    expect((await namespace.exec(web, `timeout 100 wget -q -O- http://${address}/block | md5sum`)).trim()).toBe(sum);
  },
  300_000,
);
