import { equal, ok } from "node:assert/strict";
import type { Desired, Frozen, Observed } from "../../node-daemon/core/model.ts";
import { plan } from "../../node-daemon/core/plan.ts";
import type { ImageFile, ImageFormat } from "../../node-daemon/domain-xml/volume.ts";
import type { Ending } from "../../node-daemon/drivers/ending.ts";
import type { PodLink } from "../../node-daemon/network/pod-link.ts";
import type { Step } from "../../node-daemon/steps/step.ts";

const identity = { namespace: "default", name: "db", uid: "u" };

/** A fake node on which steps take effect at once, with everything that plans depend on. */
export class FakeNode {
  folder = false;
  /** Whether the previous build made the folder; it gave all machines one user. */
  shared = false;
  started = false;
  ended: Ending | undefined;
  disks = new Map<string, ImageFormat>();
  bases = new Map<string, ImageFile>();
  claims = new Map<string, ImageFile>();
  isos = new Set<string>();
  /** Whether the placeholder's folder for disks is mounted into the state folder. */
  ephemeral = false;
  variables = false;
  links: PodLink[] | undefined;
  kernel = false;
  domain: { state: "running" | "paused" | "off"; reason: string } | undefined;
  container = false;
  adopted = false;
  tapsOnNode: string[] = [];
  tapsInPod: string[] = [];
  dhcp = false;
  released = false;
  now = 0;
  pressed: number | undefined;
  stopping: number | undefined;
  /** Whether the guest waits for free disk space, and whether there is some. */
  full = false;
  room = true;
  lastContinued: number | undefined;
  agent = false;
  /** The note about the guest's frozen file systems, and their state. */
  frozen: Frozen | undefined;
  starts = 0;
  checked = false;
  isolated = false;
  confined = false;
  /** Whether the guest gets the Pod's hardware address. */
  bridged = false;

  observe(): Observed {
    const { started, ended, disks, bases, claims, isos, variables, links, kernel, domain, container, adopted, now } =
      this;
    const { pressed, stopping, ephemeral } = this;
    const empty = disks.size + bases.size + claims.size + isos.size === 0 && !kernel;
    return {
      storage: this.folder
        ? {
            user: this.shared ? undefined : 2_100_000_000,
            started,
            stopping: undefined,
            ended,
            frozen: undefined,
            disks,
            bases,
            claims,
            isos,
            variables,
            links,
            kernel,
            ephemeral,
            empty,
          }
        : undefined,
      domain: domain && {
        ...domain,
        identity,
        diskErrors: this.full ? [{ target: "vda", file: undefined, full: true }] : [],
        agent: this.agent,
        machine: undefined,
      },
      container,
      adopted,
      network: { onNode: this.tapsOnNode, inPod: this.tapsInPod, dhcp: this.dhcp, addresses: [] },
      room: this.room,
      now,
      stopping,
      pressed,
      frozen: this.frozen,
      lastContinued: this.lastContinued,
    };
  }

  do(step: Step): void {
    switch (step.do) {
      case "make-folder":
        equal(this.disks.size + this.isos.size, 0, "what is there is given to no other user");
        Object.assign(this, { folder: true, shared: false });
        break;
      case "show-ephemeral":
        ok(this.container, "the folder comes with the container");
        equal(this.disks.size, 0, "what lies below the folder is not seen any more");
        this.ephemeral = true;
        break;
      case "make-empty-disk":
        ok(this.ephemeral, "what a guest writes is its pod's");
        this.disks.set(step.volume, "qcow2");
        break;
      case "make-cloud-init":
      case "make-file-disk":
        this.isos.add(step.volume);
        break;
      case "make-overlay":
        ok(this.container, "container disks come with the container");
        ok(this.ephemeral, "what a guest writes is its pod's");
        this.bases.set(step.volume, { file: step.volume, format: "qcow2" });
        this.disks.set(step.volume, "qcow2");
        break;
      case "show-claim":
        ok(this.container, "claims come with the container");
        this.claims.set(step.volume, { file: step.volume, format: "raw" });
        break;
      case "make-variables":
        this.variables = true;
        break;
      case "keep-links":
        ok(this.container, "the pod's devices come with the container");
        ok(!this.tapsInPod.length, "the pod's devices have not been changed yet");
        this.links = [];
        break;
      case "take-kernel":
        ok(this.container, "the kernel's image comes with the container");
        ok(this.ephemeral, "a kernel is counted as its pod's");
        this.kernel = true;
        break;
      case "make-taps":
        ok(this.folder, "what is made is found by its folder");
        this.tapsOnNode = ["vm-0", "vm-1"];
        break;
      case "define":
        ok(this.links ?? !this.bridged, "the guest's hardware address is the pod's");
        this.domain ??= { state: "off", reason: "UNKNOWN" };
        break;
      case "enforce-isolation":
        this.isolated = true;
        break;
      case "start-paused":
        equal(this.domain?.state, "off");
        equal(this.tapsOnNode.length, 2, "QEMU opens the taps on the node");
        this.domain = { state: "paused", reason: "USER" };
        this.starts += 1;
        Object.assign(this, { checked: false, confined: false });
        break;
      case "check-images":
        this.checked = true;
        break;
      case "check-confinement":
        this.confined = true;
        break;
      case "adopt":
        this.adopted = true;
        break;
      case "attach-network":
        ok(this.container);
        this.tapsInPod = ["vm-0", "vm-1"];
        this.tapsOnNode = [];
        this.dhcp = true;
        break;
      case "resume":
        ok(this.checked, "the guest does not run on files that are not its own");
        ok(this.isolated && this.confined, "the guest does not run in a QEMU that is held back by nothing");
        ok(this.dhcp, "the guest's first request is answered");
        ok(this.adopted || this.started, "the guest runs in the pod's cgroups only");
        this.domain = { state: "running", reason: "UNPAUSED" };
        break;
      case "continue-after-full":
        ok(this.full && this.room);
        this.lastContinued = this.now;
        break;
      case "mark-started":
        ok(this.checked && this.confined, "others may let the guest run from now on");
        this.started = true;
        break;
      case "thaw":
        ok(this.agent || step.ifPossible, "the agent is who thaws");
        this.frozen = undefined;
        break;
      case "forget-freeze":
        ok(this.frozen?.isOver);
        this.frozen = undefined;
        break;
      case "note-stop":
        this.stopping ??= this.now;
        break;
      case "press-power-button":
        equal(this.frozen, undefined, "a guest that is frozen gets no further than to hear it");
        this.pressed = this.now;
        break;
      case "destroy":
        this.domain = this.domain && { state: "off", reason: "DESTROYED" };
        break;
      case "mark-ended":
        this.ended ??= { phase: "Succeeded", message: "" };
        break;
      case "undefine":
        equal(this.domain?.state, "off");
        this.domain = undefined;
        break;
      case "remove-taps":
        equal(this.domain, undefined);
        this.tapsOnNode = [];
        break;
      case "remove-disks":
        this.disks.clear();
        this.bases.clear();
        this.claims.clear();
        this.isos.clear();
        Object.assign(this, { kernel: false, ephemeral: false });
        break;
      case "release-hold":
        equal(this.domain, undefined, "hold ends after the domain");
        this.released = true;
        Object.assign(this, { tapsInPod: [], dhcp: false });
        break;
      case "remove-folder":
        equal(this.domain, undefined);
        equal(this.tapsOnNode.length, 0);
        Object.assign(this, { folder: false, started: false, stopping: undefined, ended: undefined, links: undefined });
        break;
      case "attach-console":
      case "detach-console":
        break;
    }
  }

  /** Works towards the desired state, and dies after `life` steps. A new daemon does not know of a pressed button. */
  work(desired: Desired, life = Number.POSITIVE_INFINITY): string {
    for (let steps = 0, round = 0; round < 30; round += 1) {
      const { steps: planned, awaiting } = plan(desired, this.observe());
      for (const step of planned) {
        this.do(step);
        steps += 1;
        if (steps >= life) {
          this.pressed = undefined;
          return "died";
        }
      }
      if (awaiting !== "next-look") return awaiting;
    }
    throw new Error("the plan comes to no end");
  }
}
