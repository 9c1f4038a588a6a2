import { isPodNetwork } from "../../api/contract/pod-devices.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import { StatusError } from "../../api/serving/status-error.ts";
import { keyOfIdentity } from "../core/known-instances.ts";
import type { LocalInstance, LocalInstances } from "../core/local-instances.ts";
import type { Hypervisor } from "../drivers/hypervisor.ts";
import { consoleKey } from "../instance/console-key.ts";
import { domainName, identityOf } from "../instance/identity.ts";
import { keepsLog } from "../instance/keeps-log.ts";
import { instancePaths, previousLog } from "../instance/paths.ts";
import type { Consoles } from "../relay/consoles.ts";
import type { Instance, Screenshots, SerialPort, ServerBackend } from "../server/backend.ts";
import { movePointer } from "../server/move-pointer.ts";
import { type OperationsOptions, operationsOf } from "./operations.ts";

export interface ServerBackendOptions extends OperationsOptions {
  readonly localInstances: LocalInstances;
  /** An instance of this node by its key, as the API server has it. */
  readonly instance: (key: string) => VirtualMachineInstance | undefined;
  readonly consoles: Consoles;
}

/** The part of the server's backend that concerns instances. */
export type ServedInstances = Pick<ServerBackend, "instances" | "operations" | "screenshots">;

/** Makes the server's backend from the daemon's core. */
export function serverBackend(options: ServerBackendOptions): ServedInstances {
  const { localInstances, hypervisor } = options;
  return {
    instances: {
      find(namespace, name) {
        const entry = localInstances.find(namespace, name);
        return entry && served(entry, options);
      },
      serialPorts(namespace, name) {
        const instance = options.instance(keyOfIdentity({ namespace, name }));
        return instance && serialPorts(instance, options);
      },
    },
    operations: operationsOf(options),
    screenshots: screenshots(hypervisor),
  };
}

function served(entry: LocalInstance, options: ServerBackendOptions): Instance {
  const { identity, instance, paths, phase, paused } = entry;
  const { autoattachGraphicsDevice } = instance.spec.domain.devices ?? {};
  return {
    ...identity,
    phase,
    paused,
    serialPorts: serialPorts(instance, options),
    vncSocket: autoattachGraphicsDevice === false ? undefined : paths.vncSocket,
    // A guest without the pod network is not at the pod's address.
    address: async (signal) =>
      instance.spec.networks?.some(isPodNetwork) ? addressOf(entry, options, signal) : undefined,
  };
}

/** Milliseconds in which the kubelet reports a pod's address to the API server. The kubelet checks once a second. */
const addressWithin = 5000;

async function addressOf(
  { identity: { namespace, name } }: LocalInstance,
  { localInstances }: ServerBackendOptions,
  signal: AbortSignal,
): Promise<string> {
  const address = await localInstances.address(
    namespace,
    name,
    AbortSignal.any([signal, AbortSignal.timeout(addressWithin)]),
  );
  if (address === undefined) throw new StatusError(503, "the address of the VMI's pod is not known yet");
  return address;
}

function serialPorts(
  instance: VirtualMachineInstance,
  { consoles, stateFolder }: Pick<ServerBackendOptions, "consoles" | "stateFolder">,
): SerialPort[] {
  if (instance.spec.domain.devices?.autoattachSerialConsole === false) return [];
  const { uid } = identityOf(instance);
  const port = {
    hub: consoles.find(consoleKey(uid)),
    log: keepsLog(instance) ? instancePaths(stateFolder, uid).consoleLog : undefined,
    previousLog: previousLog(stateFolder, instance),
  };
  return [port];
}

function screenshots(hypervisor: Hypervisor): Screenshots {
  return {
    async take(instance, { moveCursor, hold, signal }) {
      if (moveCursor && instance.vncSocket !== undefined) await movePointer(instance.vncSocket, signal);
      const { type, image } = await hypervisor.screenshot(domainName(instance), hold);
      if (type !== "image/png") throw new Error(`this node's QEMU gives screenshots as ${type}, not as image/png`);
      return image;
    },
  };
}
