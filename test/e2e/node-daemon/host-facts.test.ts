import { access, mkdir, mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hostFacts } from "../../../node-daemon/adapters/libvirt/host-facts.ts";
import { type Connection, connect } from "../../../node-libvirt/src/index.ts";
import { nodes } from "../cluster.ts";
import { libvirtOf } from "../node-libvirt/libvirt-node.ts";

const [node] = nodes;
let connection: Connection;
/** Whether libvirt runs guests on KVM there: without the device it does not, whatever else has one. */
let hasKvm: boolean;

beforeAll(async () => {
  const { socket, root } = await libvirtOf(node);
  connection = await connect(socket);
  hasKvm = await access(join(root, "dev/kvm")).then(
    () => true,
    () => false,
  );
});
afterAll(() => connection?.close());

const emulated = { virtType: "qemu" };
const message = "ACCELERATION=kvm: this node has no /dev/kvm that libvirt can use";

test("on a node without /dev/kvm guests are emulated, unless only KVM will do", async () => {
  await using root = await mkdtempDisposable(join(tmpdir(), "node-root-"));
  for (const acceleration of ["auto", "emulation"] as const) {
    expect(await hostFacts(connection, { acceleration, nodeRoot: root.path })).toMatchObject(emulated);
  }
  await expect(hostFacts(connection, { acceleration: "kvm", nodeRoot: root.path })).rejects.toThrow(message);
});

test("a /dev/kvm that libvirt cannot use counts as none, and one that it can is used where it may be", async () => {
  await using root = await mkdtempDisposable(join(tmpdir(), "node-root-"));
  await mkdir(join(root.path, "dev"));
  await execa("mknod", [join(root.path, "dev/kvm"), "c", "10", "232"]);
  const facts = async (acceleration: "auto" | "kvm" | "emulation") =>
    hostFacts(connection, { acceleration, nodeRoot: root.path });
  expect(await facts("emulation")).toMatchObject(emulated);
  expect(await facts("auto")).toMatchObject(hasKvm ? { virtType: "kvm" } : emulated);
  const forced = await facts("kvm").catch((error: unknown) => error);
  expect(forced).toMatchObject(hasKvm ? { virtType: "kvm" } : { message });
});
