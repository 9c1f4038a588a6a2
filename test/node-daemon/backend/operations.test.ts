import { describe, expect, test } from "vitest";
import { operationsOf } from "../../../node-daemon/backend/operations.ts";
import { LocalInstances } from "../../../node-daemon/core/local-instances.ts";
import { freezesWithin } from "../../../node-daemon/core/observe.ts";
import type { Hypervisor } from "../../../node-daemon/drivers/hypervisor.ts";
import type { FreezeNote } from "../../../node-daemon/drivers/notes.ts";
import { identityOf } from "../../../node-daemon/instance/identity.ts";
import { instancePaths } from "../../../node-daemon/instance/paths.ts";
import type { Instance } from "../../../node-daemon/server/backend.ts";
import { anInstance } from "../an-instance.ts";

/** A guest that runs, and what is known of it on its node. */
class Guest {
  readonly instance;
  readonly identity;
  agent = true;
  frozen = false;
  reboots = 0;
  note: FreezeNote | undefined;
  now = 1000;
  readonly told: string[] = [];
  /** What is done before the agent has frozen. */
  whileFreezing = async (): Promise<void> => {};

  constructor({ acpi = true } = {}) {
    this.instance = anInstance({ domain: { features: { acpi: { enabled: acpi } } } });
    this.identity = identityOf(this.instance);
  }

  async do(name: "softreboot" | "freeze" | "unfreeze", thawAfter?: number): Promise<void> {
    const { identity, instance } = this;
    const localInstances = new LocalInstances();
    const paths = instancePaths("/state", identity.uid);
    localInstances.set({ identity, instance, paths, phase: "Running", paused: false, address: undefined, process: 7 });
    const operations = operationsOf({
      localInstances,
      hypervisor: this.#hypervisor as unknown as Hypervisor,
      notes: {
        noteFreeze: async (_paths, note) => void (this.note = note),
        forgetFreeze: async () => void (this.note = undefined),
      },
      clock: { now: () => new Date(), sinceBoot: () => this.now, boot: "b" },
      stateFolder: "/state",
      changed: (key) => this.told.push(key),
    });
    const options = thawAfter === undefined ? {} : { thawAfter };
    await operations[name](identity as unknown as Instance, new AbortController().signal, options);
  }

  get #hypervisor() {
    return {
      observe: async () => ({ identity: this.identity, state: "running", agent: this.agent }),
      reboot: async () => void (this.reboots += 1),
      isFrozen: async () => this.frozen,
      freeze: async () => {
        if (this.frozen) throw new Error("the command is not allowed while file systems are frozen");
        await this.whileFreezing();
        this.frozen = true;
      },
      thaw: async () => void (this.frozen = false),
    };
  }
}

describe("a soft reboot", () => {
  test.for([
    { acpi: false, agent: true },
    { acpi: true, agent: false },
  ])("is done where the guest hears of it: %j", async ({ acpi, agent }) => {
    const guest = Object.assign(new Guest({ acpi }), { agent });
    await guest.do("softreboot");
    expect(guest.reboots).toBe(1);
  });

  test("is refused where no guest would hear of it", async () => {
    const guest = Object.assign(new Guest({ acpi: false }), { agent: false });
    const message = expect.stringContaining("ACPI") as string;
    await expect(guest.do("softreboot")).rejects.toMatchObject({ code: 409, message });
    expect(guest.reboots).toBe(0);
  });
});

describe("a freeze", () => {
  test("is noted before it is done, so that a daemon that dies meanwhile leaves nobody frozen for good", async () => {
    const guest = new Guest();
    let before: FreezeNote | undefined;
    guest.whileFreezing = async () => {
      before = guest.note;
      guest.now += 20_000;
    };
    await guest.do("freeze", 300_000);
    expect(before).toEqual({ boot: "b", since: 1000, until: 301_000 + freezesWithin, isDone: false });
    expect(guest.note).toEqual({ boot: "b", since: 21_000, until: 321_000, isDone: true });
    expect(guest.told).toEqual(["default/db"]);
  });

  test("without a time lasts until it is taken back", async () => {
    const guest = new Guest();
    await guest.do("freeze");
    expect(guest.note).toEqual({ boot: "b", since: 1000, isDone: true });
    await guest.do("unfreeze");
    expect([guest.frozen, guest.note]).toEqual([false, undefined]);
    expect(guest.told).toHaveLength(2);
  });

  test("of a guest that is frozen already sets the time anew", async () => {
    const guest = new Guest();
    await guest.do("freeze", 10_000);
    guest.now += 5000;
    await guest.do("freeze", 10_000);
    expect(guest.note).toMatchObject({ until: 16_000, isDone: true });
  });

  test("that fails leaves no note", async () => {
    const guest = new Guest();
    guest.whileFreezing = () => Promise.reject(new Error("the agent is stuck"));
    await expect(guest.do("freeze", 10_000)).rejects.toThrow("stuck");
    expect([guest.frozen, guest.note]).toEqual([false, undefined]);
  });

  test.for(["freeze", "unfreeze"] as const)("needs an agent: %s", async (name) => {
    const guest = Object.assign(new Guest(), { agent: false });
    await expect(guest.do(name)).rejects.toMatchObject({
      code: 409,
      message: "VMI does not have guest agent connected",
    });
  });
});
