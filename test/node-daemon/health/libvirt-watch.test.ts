import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { noLog } from "../../../api/kube/log.ts";
import { isWithoutSocket, NodeLibvirt } from "../../../node-daemon/adapters/libvirt/node-libvirt.ts";
import { hasGuests } from "../../../node-daemon/adapters/storage/guests-left.ts";
import { LibvirtWatch } from "../../../node-daemon/health/libvirt-watch.ts";

/** A watch over a libvirt that is as the test says. */
function aWatch({ guests = false } = {}) {
  const libvirt = { error: undefined as Error | undefined };
  const watch = new LibvirtWatch({
    ask: async () => {
      if (libvirt.error) throw libvirt.error;
    },
    isAbsence: isWithoutSocket,
    hasGuests: async () => guests,
    log: noLog,
  });
  return { watch, libvirt };
}

const refused = (code: string): Error =>
  new Error("unreachable", { cause: Object.assign(new Error(`connect ${code}`), { code }) });

test("a libvirt that answers is known, and that it does not any more, with the reason", async () => {
  const { watch, libvirt } = aWatch();
  expect(watch.state).toBe("unknown");
  await watch.look();
  expect(watch).toMatchObject({ state: "answers", failure: undefined });
  libvirt.error = new Error("getVersion was not answered within 10000 ms");
  await watch.look();
  expect(watch).toMatchObject({ state: "lost", failure: libvirt.error });
});

test("a node without libvirt's socket has none, unless it has answered before or has guests", async () => {
  const { watch, libvirt } = aWatch();
  libvirt.error = refused("ENOENT");
  await watch.look();
  expect(watch.state).toBe("absent");
  libvirt.error = undefined;
  await watch.look();
  libvirt.error = refused("ENOENT");
  await watch.look();
  expect(watch.state).toBe("lost");

  const other = aWatch({ guests: true });
  other.libvirt.error = refused("ENOENT");
  await other.watch.look();
  expect(other.watch.state).toBe("lost");
});

test("a socket that nobody listens at is one of a libvirt that is lost", async () => {
  const { watch, libvirt } = aWatch();
  libvirt.error = refused("ECONNREFUSED");
  await watch.look();
  expect(watch.state).toBe("lost");
});

test("where there is no socket, asking libvirt says so", async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "libvirt-"));
  const { signal } = new AbortController();
  await using libvirt = new NodeLibvirt(join(scratch.path, "libvirt-sock"), signal);
  const error = await libvirt.ask().catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(Error);
  expect(isWithoutSocket(error)).toBe(true);
});

test("a guest is on the node once it was started and until its end was written down", async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "state-"));
  expect(await hasGuests(join(scratch.path, "absent"))).toBe(false);
  const folder = join(scratch.path, "7a2f1c58");
  await mkdir(folder);
  await mkdir(join(scratch.path, ".previous-logs"));
  expect(await hasGuests(scratch.path)).toBe(false);
  await writeFile(join(folder, "started"), "");
  expect(await hasGuests(scratch.path)).toBe(true);
  await writeFile(join(folder, "ended.json"), "{}");
  expect(await hasGuests(scratch.path)).toBe(false);
});
