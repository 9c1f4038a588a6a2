import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Connection,
  type Domain,
  DomainCreateFlags,
  DomainShutdownFlags,
  DomainStatsTypes,
  DomainUndefineFlags,
  GetAllDomainStatsFlags,
  GuestInfoTypes,
  LibvirtError,
} from "../../../node-libvirt/src/index.ts";
import type {
  BlockNode,
  DomainChange,
  DomainObservation,
  DomainStatistics,
  GuestInterface,
  GuestSystem,
  Hypervisor,
  Screenshot,
} from "../../drivers/hypervisor.ts";
import type { InstanceIdentity } from "../../instance/identity.ts";
import { identityOf, observationOf } from "./domain-observation.ts";
import { domainStatistics } from "./domain-statistics.ts";
import { asRefusal, unlessGone } from "./errors.ts";
import { removeDomainLogs } from "./folder.ts";

export interface LibvirtHypervisorOptions {
  /** The folder for libvirt's files that live as long as its domains: `/run/libvirt`. */
  runFolder?: string;
}

/** The node's libvirt as the daemon's hypervisor. */
export class LibvirtHypervisor implements Hypervisor {
  readonly #connection: Connection;
  readonly #runFolder: string;

  constructor(connection: Connection, { runFolder = "/run/libvirt" }: LibvirtHypervisorOptions = {}) {
    this.#connection = connection;
    this.#runFolder = runFolder;
  }

  async observe(name: string): Promise<DomainObservation | undefined> {
    const domain = await this.#find(name);
    return domain && observationOf(domain);
  }

  async list(): Promise<InstanceIdentity[]> {
    const domains = await this.#connection.listAllDomains();
    const identities = await Promise.all(domains.map(identityOf));
    return identities.filter((identity) => identity !== undefined);
  }

  async define(xml: string): Promise<void> {
    await asRefusal(this.#connection.defineXML(xml));
  }

  async startPaused(name: string): Promise<void> {
    const domain = await this.#get(name);
    if (await domain.isActive()) return;
    await asRefusal(domain.create(DomainCreateFlags.PAUSED));
  }

  async resume(name: string): Promise<void> {
    const domain = await this.#get(name);
    if ((await domain.getState()).state === "RUNNING") return;
    await domain.resume();
  }

  async pause(name: string): Promise<void> {
    const domain = await this.#get(name);
    if ((await domain.getState()).state === "PAUSED") return;
    await domain.suspend();
  }

  async shutdown(name: string): Promise<void> {
    const domain = await this.#find(name);
    if (domain) await unlessGone(domain.shutdown(DomainShutdownFlags.ACPI_POWER_BTN));
  }

  async destroy(name: string): Promise<void> {
    const domain = await this.#find(name);
    if (domain) await unlessGone(domain.destroy());
  }

  async undefine(name: string): Promise<void> {
    const domain = await this.#find(name);
    if (!domain) return;
    const { NVRAM, MANAGED_SAVE, SNAPSHOTS_METADATA, CHECKPOINTS_METADATA } = DomainUndefineFlags;
    await unlessGone(domain.undefine(NVRAM | MANAGED_SAVE | SNAPSHOTS_METADATA | CHECKPOINTS_METADATA));
  }

  async removeLog(name: string): Promise<void> {
    await removeDomainLogs(name);
  }

  async reset(name: string): Promise<void> {
    await (await this.#get(name)).reset();
  }

  async reboot(name: string): Promise<void> {
    await (await this.#get(name)).reboot();
  }

  async isFrozen(name: string): Promise<boolean | undefined> {
    return this.#ofAgent(name, async (domain) => {
      const answer = await domain.agentCommand(JSON.stringify({ execute: "guest-fsfreeze-status" }), answersWithin);
      const { return: status }: { return: string } = JSON.parse(answer);
      return status === "frozen";
    });
  }

  async freeze(name: string): Promise<void> {
    const domain = await this.#get(name);
    try {
      await ofFileSystems(domain, "freeze");
    } catch (error) {
      // An agent that answers too late freezes all the same, and nothing would thaw that guest later.
      if (error instanceof LibvirtError && error.code === "VIR_ERR_AGENT_UNRESPONSIVE") {
        await ofFileSystems(domain, "thaw").catch(() => {});
      }
      throw error;
    }
  }

  async thaw(name: string): Promise<void> {
    await ofFileSystems(await this.#get(name), "thaw");
  }

  async screenshot(name: string, hold: (bytes: number) => void): Promise<Screenshot> {
    const { mime, stream } = await (await this.#get(name)).screenshot();
    const chunks: Buffer[] = [];
    for await (const chunk of stream) {
      // The image is in memory twice: as chunks, and as a whole.
      hold(2 * chunk.length);
      chunks.push(chunk);
    }
    return { type: mime ?? "image/x-portable-pixmap", image: Buffer.concat(chunks) };
  }

  async guestSystem(name: string): Promise<GuestSystem | undefined> {
    return this.#ofAgent(name, async (domain) => guestSystem(await domain.getGuestInfo(GuestInfoTypes.OS)));
  }

  async guestInterfaces(name: string): Promise<GuestInterface[] | undefined> {
    return this.#ofAgent(name, async (domain) => {
      const found = await domain.interfaceAddresses("AGENT");
      return found.map(({ name: device, hwaddr, addrs }) => ({
        name: device,
        mac: hwaddr?.toLowerCase(),
        addresses: addrs.map(({ addr }) => addr),
      }));
    });
  }

  async statistics(): Promise<DomainStatistics[]> {
    const { CPU_TOTAL, BALLOON, BLOCK } = DomainStatsTypes;
    const { ACTIVE, NOWAIT } = GetAllDomainStatsFlags;
    const query = { stats: CPU_TOTAL | BALLOON | BLOCK, flags: ACTIVE | NOWAIT };
    const found = await this.#connection.getAllDomainStats(query, { signal: AbortSignal.timeout(5000) });
    return found.map(({ domain, params }) => domainStatistics(domain.name, params));
  }

  async blockNodes(name: string): Promise<BlockNode[]> {
    const answer = await (await this.#get(name)).monitorCommand(
      JSON.stringify({ execute: "query-named-block-nodes", arguments: { flat: true } }),
    );
    const { return: nodes }: { return: { drv: string; file: string }[] } = JSON.parse(answer);
    return nodes.map(({ drv, file }) => ({ driver: drv, file }));
  }

  async processOf(name: string): Promise<number | undefined> {
    // libvirt writes this file for each domain. No call of libvirt's API returns the process.
    const text = await readFile(join(this.#runFolder, "qemu", `${name}.pid`), "utf8").catch(() => "");
    const pid = Number(text.trim());
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  }

  async watch(
    listener: { changed(change: DomainChange): void; everything(): void },
    signal: AbortSignal,
  ): Promise<void> {
    const tell =
      (kind: DomainChange["kind"]) =>
      ({ domain }: { domain: Domain }) =>
        listener.changed({ domain: domain.name, kind });
    await Promise.all([
      this.#connection.on("lifecycle", tell("state"), { signal }),
      this.#connection.on("agentLifecycle", tell("agent"), { signal }),
      this.#connection.on("reboot", tell("reboot"), { signal }),
      this.#connection.on("ioError", tell("io-error"), { signal }),
    ]);
    const reconnected = this.#connection.onReconnect(() => listener.everything());
    signal.addEventListener("abort", () => reconnected[Symbol.dispose](), { once: true });
  }

  /** The answer of the guest agent; undefined when the agent does not answer in time. */
  async #ofAgent<T>(name: string, ask: (domain: Domain) => Promise<T>): Promise<T | undefined> {
    const domain = await this.#find(name);
    if (!domain) return undefined;
    try {
      await domain.agentSetResponseTimeout(answersWithin);
      return await ask(domain);
    } catch (error) {
      if (error instanceof LibvirtError) return undefined;
      throw error;
    }
  }

  async #find(name: string): Promise<Domain | undefined> {
    try {
      return await this.#connection.lookupByName(name);
    } catch (error) {
      if (error instanceof LibvirtError && error.code === "VIR_ERR_NO_DOMAIN") return undefined;
      throw error;
    }
  }

  #get(name: string): Promise<Domain> {
    return this.#connection.lookupByName(name);
  }
}

/** Seconds that an agent has to answer the daemon's own questions. */
const answersWithin = 5;

/** Seconds that a guest has to write out its buffers: a little less than the controller's API server waits. */
const freezesWithin = 25;

/** Has the agent freeze or thaw. libvirt's own calls would use the domain's shorter `answersWithin` limit. */
async function ofFileSystems(domain: Domain, act: "freeze" | "thaw"): Promise<void> {
  await domain.agentCommand(JSON.stringify({ execute: `guest-fsfreeze-${act}` }), freezesWithin);
}

const systemFields = {
  id: "os.id",
  name: "os.name",
  prettyName: "os.pretty-name",
  version: "os.version",
  versionId: "os.version-id",
  kernelRelease: "os.kernel-release",
  kernelVersion: "os.kernel-version",
  machine: "os.machine",
} as const;

function guestSystem(facts: Readonly<Record<string, unknown>>): GuestSystem {
  return Object.fromEntries(
    Object.entries(systemFields).flatMap(([field, name]) => {
      const value = facts[name];
      return typeof value === "string" ? [[field, value]] : [];
    }),
  );
}
