import { Cluster } from "../../cluster/cluster.ts";
import { down } from "../../cluster/down.ts";
import { progress } from "../../cluster/progress.ts";
import { up } from "../../cluster/up.ts";
import { type LibvirtNode, libvirtOf } from "../e2e/node-libvirt/libvirt-node.ts";
import { soak } from "./libvirt.ts";

// Run as `node --expose-gc --max-semi-space-size=4 test/soak/main.ts [calls]`, because V8's own growth could hide ours.
// It makes 100000 calls by default, on the first libvirt of LIBVIRT_NODES or on a cluster of its own.

const calls = Number(process.argv[2] ?? 100_000);
const step = progress();
const cluster = new Cluster("soak");
const named = process.env.LIBVIRT_NODES;
const growth = 10;

async function node(): Promise<LibvirtNode> {
  if (named) {
    const [first] = JSON.parse(named) as LibvirtNode[];
    if (!first) throw new Error("LIBVIRT_NODES names no libvirt");
    return first;
  }
  await step.step("a node with libvirt", (inner) => up(cluster, { nodes: 1 }, inner));
  return libvirtOf(cluster.node(1));
}

try {
  const on = await node();
  const result = await step.step(`${calls} calls`, () => soak(on, calls));
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  const grown = result.rss.end - result.rss.early;
  if (grown > growth || result.failures > 0) {
    process.stderr.write(`error: the memory grew by ${grown.toFixed(1)} MiB, ${result.failures} calls failed\n`);
    process.exitCode = 1;
  }
} finally {
  if (!named) await down(cluster, step);
}
