import type { EventText } from "../../api/kube/events.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Clock } from "../drivers/clock.ts";
import type { Consoles } from "../drivers/consoles.ts";
import type { Disks } from "../drivers/disks.ts";
import type { Ending } from "../drivers/ending.ts";
import type { Hypervisor } from "../drivers/hypervisor.ts";
import type { Isolation } from "../drivers/isolation.ts";
import type { Network } from "../drivers/network.ts";
import type { Notes } from "../drivers/notes.ts";
import type { Container, Pods } from "../drivers/pods.ts";
import type { Storage } from "../drivers/storage.ts";
import type { HostFacts } from "../instance/host.ts";
import type { InstanceIdentity } from "../instance/identity.ts";
import type { InstancePaths } from "../instance/paths.ts";
import type { PodLink } from "../network/pod-link.ts";

/** The interfaces to the outside world. */
export interface Drivers {
  readonly hypervisor: Hypervisor;
  readonly pods: Pods;
  readonly storage: Storage;
  readonly disks: Disks;
  readonly notes: Notes;
  readonly network: Network;
  readonly isolation: Isolation;
  readonly consoles: Consoles;
  readonly clock: Clock;
}

/** The inputs of every step. */
export interface StepContext {
  readonly drivers: Drivers;
  readonly host: HostFacts;
  readonly identity: InstanceIdentity;
  /** The domain's name. */
  readonly domain: string;
  readonly paths: InstancePaths;
  /** Missing when the API server no longer has the instance. */
  readonly instance: VirtualMachineInstance | undefined;
  /** The uid of the placeholder Pod, if known. */
  readonly podUid: string | undefined;
  /** The placeholder Pod from the API server. */
  readonly pod: Pod | undefined;
  readonly container: Container | undefined;
  /** The tap devices that wait on the node. */
  readonly tapsOnNode: readonly string[];
  /** The first record of the pod's devices that the guest is bridged to. */
  readonly links: readonly PodLink[];
  /** Writes an event for the instance. */
  readonly tell: (event: EventText) => void;
  /** How the instance ends, if it ends now. */
  readonly ending: Ending;
}

/** The instance of a step that needs one in the API server. Throws when there is none. */
export function instanceOf({ instance, identity }: StepContext): VirtualMachineInstance {
  if (!instance) throw new Error(`instance ${identity.namespace}/${identity.name} is not known`);
  return instance;
}

/** The volume of a name. Throws when the spec has none. */
export function volumeOf(
  context: StepContext,
  name: string,
): NonNullable<VirtualMachineInstance["spec"]["volumes"]>[number] {
  const volume = instanceOf(context).spec.volumes?.find((candidate) => candidate.name === name);
  if (!volume) throw new Error(`volume "${name}" is not in the spec`);
  return volume;
}

/** The container of a step that is only planned when there is one. Throws when there is none. */
export function containerOf({ container, identity }: StepContext): Container {
  if (!container) throw new Error(`the placeholder of ${identity.namespace}/${identity.name} has no container`);
  return container;
}
