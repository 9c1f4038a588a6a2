import { type Connection, type Domain, LibvirtError } from "../../../node-libvirt/src/index.ts";
import type { Prepared } from "./guest-files.ts";

/** The options of a guest. */
export interface GuestOptions {
  name: string;
  files: Prepared;
  memory?: number;
  vcpus?: string;
  /** More devices. */
  devices?: string;
  /** More elements of the domain. */
  elements?: string;
  /** The kind of the first serial port. */
  serial?: string;
}

/** Makes the XML of an emulated guest that boots from a kernel. */
export function guestXML({
  name,
  files,
  memory = 160,
  vcpus = "1",
  devices = "",
  elements = "",
  serial,
}: GuestOptions): string {
  return `<domain type="qemu"><name>${name}</name><memory unit="MiB">${memory}</memory><vcpu ${vcpus.includes("=") ? vcpus : `>${vcpus}`}</vcpu>
    <os><type arch="x86_64" machine="q35">hvm</type>
      <kernel>${files.kernel}</kernel><initrd>${files.initrd}</initrd><cmdline>${files.args}</cmdline></os>
    <features><acpi/><apic/></features><cpu mode="custom"><model>qemu64</model></cpu>
    <pm><suspend-to-mem enabled="yes"/></pm>${elements}
    <devices>
      <controller type="pci" model="pcie-root"/>${`<controller type="pci" model="pcie-root-port"/>`.repeat(8)}
      <serial type="pty">${serial ?? ""}<target port="0"/></serial>
      <channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>
      <channel type="unix"><target type="virtio" name="node-libvirt.echo"/></channel>
      <video><model type="vga" vram="16384"/></video><graphics type="vnc"><listen type="none"/></graphics>
      <memballoon model="virtio"/>${devices}
    </devices></domain>`;
}

/** Removes a domain in any state. */
export async function remove(connection: Connection, name: string): Promise<void> {
  try {
    const domain = await connection.lookupByName(name);
    if (await domain.isActive()) await domain.destroy();
    if (await domain.isPersistent()) await domain.undefine(1 | 2 | 4 | 16);
  } catch (error) {
    const gone =
      error instanceof LibvirtError && ["VIR_ERR_NO_DOMAIN", "VIR_ERR_OPERATION_INVALID"].includes(error.code);
    if (!gone) throw error;
  }
}

/** Starts a transient guest and waits for its agent. */
export async function bootedGuest(connection: Connection, options: GuestOptions & { xml?: string }): Promise<Domain> {
  await remove(connection, options.name);
  const events = await connection.events("agentLifecycle");
  const domain = await connection.createXML(options.xml ?? guestXML(options));
  for await (const event of events) {
    if (event.domain.uuid === domain.uuid && event.state === "CONNECTED") break;
  }
  return domain;
}

/** Runs a shell script in the guest and resolves to its output. */
export async function run(domain: Domain, script: string): Promise<string> {
  const command = { path: "/bin/sh", arg: ["-c", script], "capture-output": true };
  const { pid } = await agent<{ pid: number }>(domain, "guest-exec", command);
  for (;;) {
    const status = await agent<{ exited: boolean; exitcode?: number; "out-data"?: string; "err-data"?: string }>(
      domain,
      "guest-exec-status",
      { pid },
    );
    if (!status.exited) continue;
    if (status.exitcode !== 0) throw new Error(`${script}: ${status.exitcode} ${text(status["err-data"])}`);
    return text(status["out-data"]);
  }
}

function text(data = ""): string {
  return Buffer.from(data, "base64").toString();
}

async function agent<T>(domain: Domain, execute: string, args: object): Promise<T> {
  const answer = await domain.agentCommand(JSON.stringify({ execute, arguments: args }), 30);
  return (JSON.parse(answer) as { return: T }).return;
}

/** Repeats `look` and resolves to its first value that is not undefined or false. */
export async function eventually<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  limit = 60_000,
): Promise<T> {
  for (const end = Date.now() + limit; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`not within ${limit} ms: ${look.toString()}`);
  }
}
