import { execFileSync } from "node:child_process";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  AgentResponseTimeout,
  AuthorizedSSHKeysFlags,
  type Connection,
  connect,
  type Domain,
  DomainGetHostnameFlags,
  DomainShutdownFlags,
  GuestInfoTypes,
  type LibvirtError,
} from "../../../node-libvirt/src/index.ts";
import { bootedGuest, eventually, remove, run } from "./guest.ts";
import { prepare } from "./guest-files.ts";
import { libvirts } from "./libvirts.ts";

const name = "nl-agent";
let connection: Connection;
let domain: Domain;

beforeAll(async () => {
  const node = (await libvirts())[0]!;
  connection = await connect(node.socket);
  const files = await prepare(node);
  const disk = `${files.folder}/agent.raw`;
  await rm(join(node.root, disk), { force: true });
  {
    await using handle = await open(join(node.root, disk), "w", 0o666);
    await handle.truncate(16 * 2 ** 20);
  }
  execFileSync("mkfs.ext4", ["-q", join(node.root, disk)]);
  domain = await bootedGuest(connection, {
    name,
    files,
    vcpus: "2",
    devices: `<disk type="file"><driver name="qemu" type="raw" discard="unmap"/><source file="${disk}"/><target dev="vda" bus="virtio"/></disk>
      <interface type="user"><mac address="52:54:00:11:22:33"/><model type="virtio"/></interface>`,
  });
  await run(
    domain,
    "modprobe ext4 2>/dev/null; mkdir -p /mnt; grep -q /mnt /proc/mounts || mount -t ext4 /dev/vda /mnt",
  );
});
afterAll(async () => {
  await remove(connection, name);
  await connection.close();
});

describe("by its agent a guest", () => {
  test("takes commands", async () => {
    expect(JSON.parse(await domain.agentCommand(`{"execute":"guest-ping"}`))).toEqual({ return: {} });
    expect(await run(domain, "echo hello")).toBe("hello\n");
    await expect(domain.agentCommand(`{"execute":"no-such-command"}`)).rejects.toMatchObject({ name: "LibvirtError" });
  });

  test("tells about itself", async () => {
    const info = await domain.getGuestInfo(GuestInfoTypes.OS | GuestInfoTypes.HOSTNAME | GuestInfoTypes.FILESYSTEM);
    expect(info).toMatchObject({ "os.name": expect.any(String), hostname: expect.any(String) });
    expect(await domain.getHostname(DomainGetHostnameFlags.AGENT)).toBe(info.hostname);
    expect((await domain.getFSInfo()).map(({ mountpoint, fstype }) => ({ mountpoint, fstype }))).toContainEqual({
      mountpoint: "/mnt",
      fstype: "ext4",
    });
    const lo = (await domain.interfaceAddresses("AGENT")).find((one) => one.name === "lo");
    expect(lo!.addrs).toContainEqual({ type: "IPV4", addr: "127.0.0.1", prefix: 8 });
    expect(await domain.getGuestVcpus()).toMatchObject({ vcpus: "0-1" });
  });

  test("is asked for its addresses in two other ways", async () => {
    expect(await domain.interfaceAddresses("LEASE")).toEqual([]);
    // libvirt 9.0 fails over an empty table of the host's.
    const arp = await domain.interfaceAddresses("ARP").catch((error: LibvirtError) => error.code);
    expect([[], "VIR_ERR_INTERNAL_ERROR"]).toContainEqual(arp);
  });

  test("counts what its interface carries", async () => {
    // A user network has no device of the host's to count at; a tap has.
    const tap = `<interface type="ethernet"><target dev="nl-agent0"/><mac address="52:54:00:11:22:44"/><model type="virtio"/></interface>`;
    await domain.attachDevice(tap);
    await run(domain, "ip link set eth1 up && arping -c 3 -I eth1 10.9.9.9 || true");
    const sent = await eventually(async () => {
      const { rxPackets } = await domain.interfaceStats("nl-agent0");
      return rxPackets > 0 && rxPackets;
    });
    expect(sent).toBeGreaterThan(0);
    await domain.detachDevice(tap);
  });

  test("freezes and thaws its file systems", async () => {
    expect(await domain.fsFreeze(["/mnt"])).toBe(1);
    expect(JSON.parse(await domain.agentCommand(`{"execute":"guest-fsfreeze-status"}`))).toEqual({ return: "frozen" });
    expect(await domain.fsThaw()).toBe(1);
    expect(JSON.parse(await domain.agentCommand(`{"execute":"guest-fsfreeze-status"}`))).toEqual({ return: "thawed" });
    await domain.fsTrim();
  });

  test("has a clock to be read and set", async () => {
    const { seconds } = await domain.getTime();
    expect(seconds).toBeGreaterThan(1_600_000_000);
    await domain.setTime({ seconds: 1_700_000_000, nseconds: 5 });
    expect(Math.abs((await domain.getTime()).seconds - 1_700_000_000)).toBeLessThan(60);
    expect(Number(await run(domain, "date +%s"))).toBeLessThan(1_700_000_100);
  });

  test("has its password and keys set", async () => {
    // busybox has no chpasswd, to which the agent hands the password.
    await run(
      domain,
      "rm -f /sbin/chpasswd /usr/sbin/chpasswd; printf '#!/bin/sh\\ncat > /run/chpasswd' > /usr/sbin/chpasswd; chmod 755 /usr/sbin/chpasswd",
    );
    await domain.setUserPassword("root", "secret");
    expect(await run(domain, "cat /run/chpasswd")).toBe("root:secret\n");
    const keys = ["ssh-ed25519 AAAA one@test", "ssh-ed25519 BBBB two@test"];
    await domain.authorizedSSHKeysSet("root", keys.slice(0, 1));
    await domain.authorizedSSHKeysSet("root", keys.slice(1), AuthorizedSSHKeysFlags.APPEND);
    expect((await domain.authorizedSSHKeysGet("root")).toSorted()).toEqual(keys);
    await domain.authorizedSSHKeysSet("root", keys.slice(0, 1), AuthorizedSSHKeysFlags.REMOVE);
    expect(await run(domain, "cat ~root/.ssh/authorized_keys")).toContain(keys[1]);
    expect(await domain.authorizedSSHKeysGet("root")).toEqual([keys[1]]);
  });

  test("has its CPUs switched on and off", async () => {
    await domain.setGuestVcpus([1], false);
    expect(await domain.getGuestVcpus()).toMatchObject({ online: "0" });
    await domain.setGuestVcpus([1], true);
    expect(await domain.getGuestVcpus()).toMatchObject({ online: "0-1" });
  });

  test("is given up when it hangs, while other calls go on", async () => {
    await domain.agentSetResponseTimeout(5);
    const stop = { path: "/bin/sh", arg: ["-c", "kill -STOP $(pidof qemu-ga)"] };
    const command = JSON.stringify({ execute: "guest-exec", arguments: stop });
    await domain.agentCommand(command, 1).catch(() => {});
    const ping = () => domain.agentCommand(`{"execute":"guest-ping"}`, 1);
    await eventually(() =>
      ping().then(
        () => false,
        () => true,
      ),
    );
    const begin = performance.now();
    const abort = new AbortController();
    const hanging = Array.from({ length: 6 }, () => domain.getTime({ signal: abort.signal }));
    for (const one of hanging) one.catch(() => {});
    for (let at = 0; at < 50; at++) await connection.getHostname();
    expect(performance.now() - begin).toBeLessThan(4500);
    await expect(Promise.race(hanging)).rejects.toMatchObject({ code: "VIR_ERR_AGENT_UNRESPONSIVE" });
    abort.abort(new Error("enough"));
    const ends = await Promise.allSettled(hanging);
    expect(ends.filter((one) => one.status === "rejected" && one.reason.message === "enough")).toHaveLength(5);
    await domain.agentSetResponseTimeout(AgentResponseTimeout.BLOCK);
  });
});

/** Another guest, newly booted. */
async function again(): Promise<Domain> {
  const [node] = await libvirts();
  return bootedGuest(connection, { name, files: await prepare(node!) });
}

describe("a guest", () => {
  test("suspends itself, wakes up and says so", async () => {
    const suspends = await connection.events("pmSuspend");
    const wakeups = await connection.events("pmWakeup");
    domain = await again();
    await domain.pmSuspendForDuration("MEM");
    expect((await suspends.next()).value).toMatchObject({ domain: { uuid: domain.uuid }, reason: 0 });
    await eventually(async () => (await domain.getState()).state === "PMSUSPENDED");
    await domain.pmWakeup();
    expect((await wakeups.next()).value).toMatchObject({ domain: { uuid: domain.uuid } });
    await eventually(async () => (await domain.getState()).state === "RUNNING");
  });

  test("shuts down when its agent is told to", async () => {
    domain = await again();
    const events = await connection.events("lifecycle", { domain });
    await domain.shutdown(DomainShutdownFlags.GUEST_AGENT);
    for await (const { event, detail } of events) {
      if (event !== "STOPPED") continue;
      expect(detail).toBe("SHUTDOWN");
      break;
    }
    await expect(domain.getState()).rejects.toMatchObject({ code: "VIR_ERR_NO_DOMAIN" });
  });
});
