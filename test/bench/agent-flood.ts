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

/** Two kinds of work of a guest. Both keep one processor busy; a neighbour must not notice the difference. */
const deeds = {
  computes: "yes > /dev/null",
  // Well-formed JSON that answers no question. libvirt stops reading malformed input.
  floods: `yes '{"return":{}}' > /dev/virtio-ports/org.qemu.guest_agent.0`,
} as const;

/** Measures a neighbour's console while a guest floods its agent's channel, which libvirt reads. */
export async function agentFlood(context: BenchContext): Promise<Row[]> {
  const { cluster, step } = context;
  const client = await withAddOn(context);
  const [loud, quiet] = await step.step("guests", async () => [
    await guestOf(client, "loud"),
    await guestOf(client, "quiet"),
  ]);
  // init would start the guest's own agent again, which would read our messages.
  await command(loud, "sed -i /qemu-ga/d /etc/inittab; kill -HUP 1; sleep 1; killall qemu-ga");
  const libvirtd = async (): Promise<number> => (await programSeconds(cluster)).get("libvirtd") ?? 0;
  const found = { computes: [] as number[], floods: [] as number[] };
  const shares = { computes: [] as number[], floods: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    for (const deed of ["computes", "floods"] as const) {
      await command(loud, `${deeds[deed]} & sleep 0`);
      await delay(beginning);
      const [since, before] = [performance.now(), await libvirtd()];
      found[deed].push(...(await echoesOf(quiet, echoes)));
      shares[deed].push(((await libvirtd()) - before) / ((performance.now() - since) / 1000));
      await command(loud, "killall yes; sleep 0");
    }
  }
  await Promise.all([loud.close(), quiet.close()]);
  client.close();
  return [
    rowOf("echo beside a guest that computes", "ms", found.computes),
    rowOf("echo beside a flood: agent's channel", "ms", found.floods, { floor: percentile(found.computes, 50), bar }),
    rowOf("libvirtd's share of a processor beside one that computes", "1", shares.computes),
    rowOf("libvirtd's share of a processor: agent's channel", "1", shares.floods),
  ];
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
