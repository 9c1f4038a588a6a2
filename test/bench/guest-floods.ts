import { setTimeout as delay } from "node:timers/promises";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { instances } from "../../api/resources.ts";
import { instancePath } from "../../api/sub-resources.ts";
import { dial } from "../../cli/console/dial.ts";
import { withAddOn } from "./add-on.ts";
import { programSeconds } from "./cpu-time.ts";
import { command, echoesOf, type Line, logIn, through } from "./line.ts";
import { type BenchContext, percentile, type Row, rowOf } from "./measurement.ts";

const rounds = 6;
/** Echoes in each round. */
const echoes = 40;
/** Milliseconds that a guest works before the measurement. */
const beginning = 2000;
/** The highest allowed ratio of a neighbour's echo time. */
const bar = 1.1;

const namespace = "default";

/** Work of two guests, by shell commands: a loud one, and another one that takes what the loud one sends. */
interface Work {
  readonly loud: string;
  readonly other?: string;
}

interface Flood {
  readonly name: string;
  /** Work that keeps as many processors busy. A neighbour must not notice the difference. */
  readonly computes: Work;
  readonly floods: Work;
}

const computes = "yes > /dev/null";

const floodsOf = (address: string): readonly Flood[] => [
  {
    name: "agent's channel",
    computes: { loud: computes },
    // Well-formed JSON that answers no question. libvirt stops reading malformed input.
    floods: { loud: `yes '{"return":{}}' > /dev/virtio-ports/org.qemu.guest_agent.0` },
  },
  {
    name: "network, to another guest",
    computes: { loud: computes, other: computes },
    floods: { loud: `nc ${address} 9 < /dev/zero`, other: "nc -l -p 9 > /dev/null" },
  },
];

/** Measures a neighbour's console while guests flood their agent's channel, which libvirt reads, or their network. */
export async function guestFloods(context: BenchContext): Promise<Row[]> {
  const { cluster, step } = context;
  const client = await withAddOn(context);
  const [loud, other, quiet] = await step.step("guests", async () => [
    await guestOf(client, "loud"),
    await guestOf(client, "other"),
    await guestOf(client, "quiet"),
  ]);
  const guests = { loud, other };
  // init would start the guest's own agent again, which would read our messages.
  await command(loud, "sed -i /qemu-ga/d /etc/inittab; kill -HUP 1; sleep 1; killall qemu-ga");
  const libvirtd = async (): Promise<number> => (await programSeconds(cluster)).get("libvirtd") ?? 0;
  const rows: Row[] = [];
  for (const flood of floodsOf(await addressOf(client, "other"))) {
    const found = { computes: [] as number[], floods: [] as number[] };
    const shares = { computes: [] as number[], floods: [] as number[] };
    for (let round = 0; round < rounds; round += 1) {
      for (const deed of ["computes", "floods"] as const) {
        // The other one comes first: it may have to listen.
        for (const guest of ["other", "loud"] as const) {
          const work = flood[deed][guest];
          if (work !== undefined) await command(guests[guest], `${work} & sleep 1`);
        }
        await delay(beginning);
        const [since, before] = [performance.now(), await libvirtd()];
        found[deed].push(...(await echoesOf(quiet, echoes)));
        shares[deed].push(((await libvirtd()) - before) / ((performance.now() - since) / 1000));
        for (const guest of [loud, other]) await command(guest, "killall yes nc 2> /dev/null; sleep 0");
      }
    }
    const floor = percentile(found.computes, 50);
    rows.push(
      rowOf(`echo beside guests that compute (${flood.name})`, "ms", found.computes),
      rowOf(`echo beside a flood: ${flood.name}`, "ms", found.floods, { floor, bar }),
      rowOf(`libvirtd's share of a processor beside guests that compute (${flood.name})`, "1", shares.computes),
      rowOf(`libvirtd's share of a processor: ${flood.name}`, "1", shares.floods),
    );
  }
  await Promise.all([loud.close(), other.close(), quiet.close()]);
  client.close();
  return rows;
}

async function addressOf(client: KubeClient, name: string): Promise<string> {
  const { status } = await client.get(instances, { namespace, name });
  return status?.interfaces?.[0]?.ipAddress ?? "";
}

/** Starts a guest and logs in at its console. */
async function guestOf(client: KubeClient, name: string): Promise<Line> {
  await client.create(instances, {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachineInstance",
    metadata: { name, namespace },
    spec: {
      terminationGracePeriodSeconds: 0,
      domain: { memory: { guest: "160Mi" }, devices: { disks: [{ name: "root", disk: { bus: "virtio" } }] } },
      volumes: [{ name: "root", containerDisk: { image: "localhost/tiny:latest", imagePullPolicy: "Never" } }],
    },
  });
  const path = instancePath({ namespace, name }, "console");
  const { signal } = new AbortController();
  const websocket = await dial(client, { name, path, again: true, signal, say: () => {} });
  const line = through(websocket);
  line.listen(() => {});
  websocket.resume();
  await logIn(line);
  return line;
}
