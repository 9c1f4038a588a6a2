import { running, start } from "../../cluster/component.ts";
import { nodeComponents } from "../../cluster/node.ts";
import { eventually } from "./guest.ts";
import type { LibvirtNode } from "./libvirts.ts";

/** The libvirtd of a node, to be stopped, frozen and started again. */
export async function daemon({ node }: LibvirtNode) {
  const libvirtd = nodeComponents(node).find(({ name }) => name === "libvirtd");
  if (!libvirtd) throw new Error("nodes have no component called libvirtd");
  const found = await running(node.bundle, libvirtd);
  if (!found) throw new Error(`libvirtd of ${node.name} is not running`);
  return {
    freeze: () => process.kill(found.pid, "SIGSTOP"),
    thaw: () => process.kill(found.pid, "SIGCONT"),
    async stop(): Promise<void> {
      process.kill(found.pid, "SIGTERM");
      await eventually(async () => !(await running(node.bundle, libvirtd)));
    },
    start: () => start(node.bundle, libvirtd),
  };
}
