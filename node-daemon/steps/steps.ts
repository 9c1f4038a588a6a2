import { storedInstance } from "../core/versions.ts";
import { keepsLog } from "../instance/keeps-log.ts";
import { cardsOf } from "../network/card.ts";
import { adopt } from "./adopt.ts";
import { attachNetwork } from "./attach-network.ts";
import { checkConfinement } from "./check-confinement.ts";
import { checkImages } from "./check-images.ts";
import { instanceOf, type StepContext } from "./context.ts";
import { define } from "./define.ts";
import { keepLinks } from "./keep-links.ts";
import { makeCloudInit } from "./make-cloud-init.ts";
import { makeEmptyDisk } from "./make-empty-disk.ts";
import { makeFileDisk } from "./make-file-disk.ts";
import { makeOverlay } from "./make-overlay.ts";
import { makeVariables } from "./make-variables.ts";
import { noteStop } from "./note-stop.ts";
import { releaseHold } from "./release-hold.ts";
import { removeFolder } from "./remove-folder.ts";
import { showClaim } from "./show-claim.ts";
import { showEphemeral } from "./show-ephemeral.ts";
import { startPaused } from "./start-paused.ts";
import type { Step, StepName } from "./step.ts";
import { takeKernel } from "./take-kernel.ts";
import { thaw } from "./thaw.ts";

/** How each step is done. */
type Steps = { readonly [Name in StepName]: (context: StepContext, step: Step<Name>) => Promise<void> };

/**
 * All steps of an instance's life, in their usual order. A step that takes more than a call has a file of its name.
 *
 * Each can be repeated at any time, as a daemon may die at any line. "Done" is the fact by which the next look, and
 * with it the plan, knows that a step is done. "Again" is what a second time does.
 */
export const steps: Steps = {
  // Prepare: the files on the node, and the node's side of the network.
  // Done: the folder has a user. Again: keeps what is there.
  "make-folder": async (context) => {
    await context.drivers.storage.makeFolder(context.paths, storedInstance(instanceOf(context)));
  },
  // Done: the pod's folder is mounted. Again: keeps the mount.
  "show-ephemeral": showEphemeral,
  // Steps that make a file. Done: the file has its final name, which it gets when complete. Again: keeps it.
  "make-empty-disk": makeEmptyDisk,
  "make-cloud-init": makeCloudInit,
  "make-file-disk": makeFileDisk,
  "make-overlay": makeOverlay,
  "make-variables": makeVariables,
  "take-kernel": takeKernel,
  "keep-links": keepLinks,
  // Done: the claim's image or device is mounted. Again: keeps it.
  "show-claim": showClaim,
  // Done: the taps are on the node or in the pod. Again: keeps those on the node.
  "make-taps": (context) => context.drivers.network.makeTaps(cardsOf(instanceOf(context))),

  // Launch: a paused guest, whose QEMU has opened its files.
  // Done: libvirt has an active domain. Again: replaces the definition.
  define,
  // Done: no fact shows it, so it comes before each start. Again: keeps what is closed.
  "enforce-isolation": async ({ drivers }) => void (await drivers.isolation.enforce()),
  // Done: libvirt has an active domain. Again: nothing when it is active.
  "start-paused": startPaused,

  // Release: checks first, then the guest runs.
  // Done: no fact shows it, so each plan has it. Again: keeps the connection.
  "attach-console": async (context) => {
    const { drivers, identity, paths } = context;
    await drivers.consoles.attach(identity, paths, { log: keepsLog(instanceOf(context)) });
  },
  // Two checks. Done: the guest is noted as started. Again: checks again.
  "check-images": checkImages,
  "check-confinement": checkConfinement,
  // Done: QEMU is in the container's cgroups. Again: moves it again.
  adopt,
  // Done: the taps are in the pod and the responder runs. Again: does what is missing.
  "attach-network": attachNetwork,
  // Done: libvirt says running. Again: nothing.
  resume: ({ drivers, domain }) => drivers.hypervisor.resume(domain),
  // Done: the note is there. Again: nothing.
  "mark-started": ({ drivers, paths }) => drivers.notes.markStarted(paths),

  // Keep running.
  // Done: libvirt says running. Again: nothing.
  "continue-after-full": ({ drivers, domain }) => drivers.hypervisor.resume(domain),
  // Done: the agent says thawed, and the note is gone. Again: nothing.
  thaw,
  // Done: the note is gone. Again: nothing.
  "forget-freeze": ({ drivers, paths }) => drivers.notes.forgetFreeze(paths),

  // End: orderly, or by force.
  // Done: the note is there. Again: keeps the first note.
  "note-stop": noteStop,
  // Done: never, until the guest is off. Again: another press, which a booting guest needs.
  "press-power-button": ({ drivers, domain }) => drivers.hypervisor.shutdown(domain),
  // Done: libvirt says off. Again: nothing.
  destroy: ({ drivers, domain }) => drivers.hypervisor.destroy(domain),
  // Done: the note is there. Again: keeps the first note.
  "mark-ended": ({ drivers, paths, ending }) => drivers.notes.markEnded(paths, ending),
  // Done: no fact shows it. Again: nothing.
  "detach-console": ({ drivers, identity, ending }) => drivers.consoles.detach(identity, ending.message),
  // Done: libvirt has no domain. Again: nothing.
  undefine: ({ drivers, domain }) => drivers.hypervisor.undefine(domain),
  // Done: no tap is on the node. Again: nothing.
  "remove-taps": ({ drivers, tapsOnNode }) => drivers.network.removeTaps(tapsOnNode),
  // Done: the folders are empty. Again: removes the rest.
  "remove-disks": ({ drivers, paths }) => drivers.storage.removeDisks(paths),
  // Done: the container is gone. Again: nothing.
  "release-hold": releaseHold,
  // Done: the folder is gone. Again: removes the rest.
  "remove-folder": removeFolder,
};

/** Does a step. */
export async function doStep<Name extends StepName>(step: Step<Name>, context: StepContext): Promise<void> {
  await steps[step.do](context, step);
}
