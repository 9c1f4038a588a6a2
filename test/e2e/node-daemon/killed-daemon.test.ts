import { describe, expect, test } from "vitest";
import { running, start } from "../../../cluster/component.ts";
import { nodeComponents } from "../../../cluster/node.ts";
import { eventually } from "../cluster.ts";
import { rounds } from "../rounds.ts";
import { aGuestless, anInstance } from "./hand-over.ts";
import { useDaemon } from "./stage.ts";

const namespace = "killed-daemon";
const stage = useDaemon(namespace);
const { node, daemon, name, run, phase, condition } = stage;
const { nothingIsLeft, domainOf, pidOf, remove } = stage;

describe("a daemon that is killed", () => {
  test("leaves the guest alone, and knows it again", async () => {
    const instance = await run(aGuestless(name(), namespace));
    const pid = await pidOf(instance);
    await daemon.kill();
    await daemon.start();
    expect(await pidOf(instance)).toBe(pid);
    await daemon.sh(`virsh suspend ${domainOf(instance)}`);
    await condition(instance, "Paused", { status: "True" });
  });

  test("finds an instance that was deleted meanwhile, and those that are not there any more", async () => {
    const deleted = await run(aGuestless(name(), namespace, { terminationGracePeriodSeconds: 0 }));
    const gone = await run(aGuestless(name(), namespace));
    const ended = await run(aGuestless(name(), namespace));
    await daemon.sh(`kill -9 ${await pidOf(ended)}`);
    await phase(ended, "Failed");
    await daemon.kill();
    await remove(deleted);
    for (const instance of [gone, ended]) {
      await remove(instance);
      await stage.controller.letGo(namespace, instance.metadata.name ?? "");
    }
    await daemon.start();
    await phase(deleted, "Succeeded");
    await eventually(nothingIsLeft);
    expect((await stage.controller.get(namespace, deleted.metadata.name ?? "")).status?.reason).toContain("shut");
  });

  test("finds out how a guest ended meanwhile", async () => {
    const instance = await run(aGuestless(name(), namespace));
    await daemon.kill();
    await daemon.sh(`kill -9 ${await pidOf(instance)}`);
    await daemon.start();
    const { status } = await phase(instance, "Failed");
    expect(status?.reason).toContain("crashed");
  });

  test("goes on with what a loss of power has left of its files, and removes what is nobody's", async () => {
    const instance = await run(aGuestless(name(), namespace, { terminationGracePeriodSeconds: 0 }));
    const { uid } = instance.metadata;
    const folder = "/var/lib/kubevirt-node";
    await daemon.kill();
    await daemon.sh(
      `cd ${folder}; mkdir lost+found nobodys; for file in vmi ended links; do : > ${uid}/$file.json; done`,
    );
    await daemon.start();
    await eventually(async () => expect(await daemon.sh(`ls ${folder}`)).toBe(`${uid}\nlost+found`));
    await daemon.sh(`rmdir ${folder}/lost+found`);
    await remove(instance);
    await phase(instance, "Succeeded");
  });

  test("at any step of a start goes on from there", async () => {
    for (const step of rounds(["make-folder", "make-overlay", "define", "start-paused", "adopt", "resume"])) {
      const instance = anInstance(name(), namespace);
      const before = (await daemon.log()).length;
      await stage.controller.run(instance, node.name);
      await eventually(async () => expect((await daemon.log()).slice(before)).toContain(`"do":"${step}"`));
      await daemon.kill();
      await daemon.start();
      await phase(instance, "Running");
    }
  });
});

test("a daemon is not ready while libvirtd is away; when it returns it is found again, and its guests with it", async () => {
  const ready = async (): Promise<string> =>
    daemon.sh("curl --silent --insecure --write-out ' %{http_code}' https://127.0.0.1:8187/readyz");
  const instance = await run(aGuestless(name(), namespace, { terminationGracePeriodSeconds: 0 }));
  const pid = await pidOf(instance);
  const libvirtd = nodeComponents(node).find((component) => component.name === "libvirtd")!;
  process.kill((await running(node.bundle, libvirtd))!.pid, "SIGKILL");
  await eventually(async () => expect(await running(node.bundle, libvirtd)).toBeUndefined());
  await eventually(async () => expect(await ready()).toMatch(/^libvirt is out of reach: .* 503$/));
  await start(node.bundle, libvirtd);
  await eventually(async () => expect(await ready()).toBe("ok 200"));
  expect(await pidOf(instance)).toBe(pid);
  await daemon.sh(`virsh suspend ${domainOf(instance)}`);
  await condition(instance, "Paused", { status: "True" });
  await remove(instance);
  await phase(instance, "Succeeded");
});
