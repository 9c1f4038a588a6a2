import type { Step } from "../core/plan.ts";
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
import { removeFolder } from "./remove-folder.ts";
import { showClaim } from "./show-claim.ts";
import { showEphemeral } from "./show-ephemeral.ts";
import { start } from "./start.ts";
import { takeKernel } from "./take-kernel.ts";
import { thaw } from "./thaw.ts";

/** Does a step. Each step can be repeated after a crash: its result may exist already, and its target may be gone. */
export async function doStep(step: Step, context: StepContext): Promise<void> {
  const { drivers, paths, domain, identity, podUid, ending } = context;
  switch (step.do) {
    case "make-folder":
      return drivers.storage.makeFolder(paths, storedInstance(instanceOf(context)));
    case "show-ephemeral":
      return showEphemeral(context);
    case "make-empty-disk":
      return makeEmptyDisk(context, step.volume);
    case "make-cloud-init":
      return makeCloudInit(context, step.volume);
    case "make-overlay":
      return makeOverlay(context, step.volume);
    case "make-file-disk":
      return makeFileDisk(context, step.volume);
    case "show-claim":
      return showClaim(context, step.volume);
    case "make-variables":
      return makeVariables(context);
    case "keep-links":
      return keepLinks(context);
    case "take-kernel":
      return takeKernel(context);
    case "make-taps":
      return drivers.network.makeTaps(cardsOf(instanceOf(context)));
    case "define":
      return define(context);
    case "raise-fence":
      return void (await drivers.fence.raise());
    case "start-paused":
      return start(context);
    case "check-images":
      return checkImages(context);
    case "check-confinement":
      return checkConfinement(context);
    case "attach-console":
      return drivers.consoles.attach(identity, paths, { log: keepsLog(instanceOf(context)) });
    case "adopt":
      return adopt(context);
    case "attach-network":
      return attachNetwork(context);
    case "resume":
    case "continue":
      return drivers.hypervisor.resume(domain);
    case "mark-started":
      return drivers.storage.markStarted(paths);
    case "thaw":
      return thaw(context, step);
    case "forget-freeze":
      return drivers.storage.forgetFreeze(paths);
    case "note-stop":
      return noteStop(context);
    case "press-power-button":
      return drivers.hypervisor.shutdown(domain);
    case "destroy":
      return drivers.hypervisor.destroy(domain);
    case "mark-ended":
      return drivers.storage.markEnded(paths, ending);
    case "detach-console":
      return drivers.consoles.detach(identity, ending.message);
    case "undefine":
      return drivers.hypervisor.undefine(domain);
    case "remove-taps":
      return drivers.network.removeTaps(context.tapsOnNode);
    case "remove-disks":
      return drivers.storage.removeDisks(paths);
    case "release-hold":
      return podUid === undefined ? undefined : drivers.pods.release(podUid, ending.phase);
    case "remove-folder":
      return removeFolder(context);
  }
}
