import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sourceNode } from "../../../cluster/dev/source-program.ts";
import { addresses, apiServerPort } from "../../../cluster/fabric.ts";
import { cluster, eventually } from "../cluster.ts";
import { useMachines } from "../storage/machines.ts";
import { type Attempt, attempt, type Whereabouts, whereaboutsOf } from "./broken-out.ts";
import { type NodeProcesses, ofMachine, ofNode } from "./reaches.ts";

const machines = useMachines("broken-out");
const { daemon, node, namespace } = machines;
/** Who has broken out, and whose neighbour that is. */
const at = {} as { mine: Whereabouts; others: Whereabouts };
const reach = (script: string): Promise<Attempt> => attempt(daemon, at.mine, script);

/** The address at which clouds tell their machines about themselves; here it is a stand-in of the node's own. */
const metadata = "169.254.169.254";
let server = "";

beforeAll(async () => {
  for (const name of ["mine", "others"]) {
    const claim = (what: string, spec: object): object => ({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: `${name}-${what}` },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "32Mi" } }, ...spec },
    });
    const volumes = [
      { name: "files", persistentVolumeClaim: { claimName: `${name}-files` } },
      { name: "block", persistentVolumeClaim: { claimName: `${name}-block` } },
      { name: "seed", cloudInitNoCloud: { userData: "#cloud-config" } },
      { name: "scratch", emptyDisk: { capacity: "8Mi" } },
    ];
    const block = claim("block", { volumeMode: "Block", storageClassName: "block" });
    await machines.apply(claim("files", {}), block, machines.machine(name, volumes));
  }
  for (const name of ["mine", "others"] as const) {
    await machines.until(name, "Running");
    at[name] = await whereaboutsOf(machines, name);
  }
  await daemon.sh(
    `ip address replace ${metadata}/32 dev lo; mkdir -p /run/metadata; echo secret > /run/metadata/index.html`,
  );
  server = await daemon.sh(`busybox httpd -f -p ${metadata}:80 -h /run/metadata > /dev/null 2>&1 & echo $!`);
});
afterAll(async () => {
  await daemon.sh(`kill ${server}; ip address delete ${metadata}/32 dev lo`);
  await machines.remove("mine", "others");
  const volumeOf = "--output=jsonpath={.spec.volumeName}";
  for (const claim of ["mine-block", "others-block"]) {
    const volume = await namespace.kubectl("get", "pvc", claim, volumeOf);
    await namespace.kubectl("delete", "pvc", claim, "--timeout=60s");
    // Nobody empties these volumes for the next who wants one.
    await cluster.kubectl(["patch", "pv", volume, "--type=merge", '--patch={"spec":{"claimRef":null}}']);
  }
});

test("each machine's QEMU is a user of its own, held back as its node's libvirt can", async () => {
  expect(at.mine.user).not.toBe(at.others.user);
  for (const { name, pid, user } of [at.mine, at.others]) {
    expect((await machines.read(name)).status?.runtimeUser).toBe(user);
    const status = await daemon.sh(`cat /proc/${pid}/status`);
    expect(status).toMatch(new RegExp(`^Gid:\t${user}\t${user}\t${user}\t${user}\nFDSize:.*\nGroups:\t${user} $`, "m"));
    for (const set of ["CapPrm", "CapEff"]) expect(status).toMatch(new RegExp(`^${set}:\t0+$`, "m"));
    expect(status).toMatch(/^NoNewPrivs:\t1\nSeccomp:\t2$/m);
  }
});

describe("a guest that has taken over its QEMU reaches of another machine", () => {
  test.for(ofMachine.filter(({ own }) => own))("but of its own $what", async ({ script }) => {
    expect(await reach(script(at.mine))).toMatchObject({ succeeded: true });
  });

  test.for(ofMachine)("not the other's $what", async ({ script, refusal }) => {
    const { succeeded, said } = await reach(script(at.others));
    expect(said).toMatch(refusal);
    expect(succeeded).toBe(false);
  });

  test("its network, which answers everybody else on the node", async () => {
    const get = `curl --silent --fail --max-time 2 http://${at.others.ip}/`;
    expect(await eventually(() => daemon.sh(get), 60_000)).not.toBe("");
  });
});

test("of its machine's folder it fills the one of its sockets alone", async () => {
  const { folder } = at.mine;
  const folders = (await daemon.sh(`find ${folder} -type d`)).split("\n");
  expect(folders.length).toBeGreaterThan(3);
  // The daemon writes in the others: a link there would lead it elsewhere.
  const filled = [];
  for (const one of folders) {
    const { succeeded } = await reach(`ln -s /etc/hostname ${one}/link && rm ${one}/link`);
    if (succeeded) filled.push(one);
  }
  expect(filled).toEqual([`${folder}/sockets`]);
});

test("no QEMU has a socket of a network", async () => {
  for (const { pid } of [at.mine, at.others]) {
    const held = (await daemon.sh(`for fd in /proc/${pid}/fd/*; do readlink $fd; done`)).match(/(?<=^socket:\[)\d+/gm);
    const of = async (table: string): Promise<string[]> =>
      (await daemon.sh(`cat /proc/${pid}/net/${table}`)).split("\n").slice(1);
    // Its consoles', by which it is seen that these are found at all.
    const unix = (await of("unix")).filter((line) => held?.includes(line.trim().split(/ +/)[6] ?? ""));
    expect(unix.length).toBeGreaterThan(2);
    for (const table of ["tcp", "tcp6", "udp", "udp6", "raw", "raw6"]) {
      const lines = (await of(table)).filter((line) => held?.includes(line.trim().split(/ +/)[9] ?? ""));
      expect([table, lines]).toEqual([table, []]);
    }
  }
  // The tables are those of where it runs, in which others listen.
  expect(await daemon.sh(`cat /proc/${at.mine.pid}/net/tcp`)).toMatch(/ 0A /);
});

describe("a guest that has taken over its QEMU reaches of the node", () => {
  const processes = {} as NodeProcesses;
  beforeAll(async () => {
    const find = async (program: string): Promise<number> =>
      Number(await daemon.sh(`pgrep --full --oldest '^${program} '`));
    Object.assign(processes, { daemon: await find(sourceNode), kubelet: await find("/opt/kubernetes/bin/kubelet") });
  });

  test.for(ofNode)("not $what", async ({ script, refusal }) => {
    const { succeeded, said } = await reach(typeof script === "string" ? script : script(processes));
    expect(said).toMatch(refusal);
    expect(succeeded).toBe(false);
  });
});

describe("a guest that has taken over its QEMU has no network of the node's", () => {
  const get = (url: string): string => `curl --silent --show-error --insecure --max-time 2 --output /dev/null ${url}`;
  test.for([
    ["the kubelet on loopback", get("http://127.0.0.1:10248/healthz")],
    ["the kubelet", get(`https://${addresses.node(node)}:10250/healthz`)],
    ["the node daemon", get("https://127.0.0.1:8187/healthz")],
    ["the API server", get(`https://${addresses.controlPlane}:${apiServerPort}/readyz`)],
    ["the API server's Service", get("https://10.96.0.1/readyz")],
    ["libvirt's port", `socat -u OPEN:/dev/null TCP4:${addresses.node(node)}:16509,connect-timeout=2`],
    ["the cloud's metadata", get(`http://${metadata}/`)],
  ])("not to %s, which answers others", async ([, script]) => {
    await daemon.sh(script!);
    const { succeeded, said } = await reach(script!);
    expect(said).toMatch(/timed out/);
    expect(succeeded).toBe(false);
  });

  test("not by UDP, nor by IPv6 on loopback", async () => {
    for (const address of ["UDP4-DATAGRAM:127.0.0.1:9", "UDP6-DATAGRAM:[::1]:9"]) {
      const send = `echo x | socat -u - ${address}`;
      await daemon.sh(send);
      expect(await reach(send)).toMatchObject({ succeeded: false, said: expect.stringContaining("not permitted") });
    }
  });

  test("not to be reached: who connects to it gets no answer", async () => {
    const listen = (port: number): string => `timeout 6 busybox nc -l -p ${port} < /dev/null`;
    const dial = (port: number): string =>
      `for try in $(seq 20); do grep -q :${port.toString(16).toUpperCase()} /proc/net/tcp /proc/net/tcp6 && break; sleep 0.1; done
      timeout 2 socat -u OPEN:/dev/null TCP4:127.0.0.1:${port}`;
    const [mine] = await Promise.all([daemon.sh(dial(7001)).catch((error: unknown) => error), reach(listen(7001))]);
    expect(mine).toBeInstanceOf(Error);
    const [root] = await Promise.all([daemon.sh(dial(7002)), daemon.sh(`${listen(7002)} || true`)]);
    expect(root).toBe("");
  });

  test("when somebody has emptied the node's packet filter, and the daemon looks at it", async () => {
    await daemon.sh("nft delete table inet kubectl_virt");
    const { name } = at.others;
    await namespace.kubectl("delete", "vmi", name, "--timeout=90s");
    await machines.until(name, "Running");
    expect(await daemon.sh("nft list table inet kubectl_virt")).toContain(`meta skuid 2100000000-2100065535 drop`);
  });
});
