import { isPodNetwork } from "../../api/contract/pod-devices.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import { conditionReasons } from "../../api/status/condition-types.ts";
import type { NewCondition } from "../../api/status/conditions.ts";

/**
 * KubeVirt's conditions for live migration. This release can migrate no guest. If KubeVirt could not migrate the guest
 * either, the reason is KubeVirt's. So clients show the same obstacle with a later release that can migrate.
 */
export function migrationConditions(instance: VirtualMachineInstance): NewCondition[] {
  const { reason, message } = obstacle(instance);
  return [
    { type: "LiveMigratable", status: "False", reason, message },
    {
      type: "StorageLiveMigratable",
      status: "False",
      reason: conditionReasons.notMigratable,
      message: "moving the disks of a guest that runs is not supported",
    },
  ];
}

function obstacle({ spec, status }: VirtualMachineInstance): { reason: string; message: string } {
  const onPods = new Set(spec.networks?.filter(isPodNetwork).map(({ name }) => name));
  const bridged = spec.domain.devices?.interfaces?.find(({ name, bridge }) => bridge && onPods.has(name));
  if (bridged) {
    return {
      reason: conditionReasons.interfaceNotMigratable,
      message: `interface "${bridged.name}" has its pod's address by bridge, and another pod has another one`,
    };
  }
  const alone = status?.volumeStatus?.find(({ persistentVolumeClaimInfo: claim }) => {
    return claim?.accessModes !== undefined && !claim.accessModes.includes("ReadWriteMany");
  });
  if (alone) {
    const { claimName } = alone.persistentVolumeClaimInfo ?? {};
    return {
      reason: conditionReasons.disksNotMigratable,
      message: `PersistentVolumeClaim ${claimName} of volume "${alone.name}" is not ReadWriteMany, for two nodes at once`,
    };
  }
  return { reason: conditionReasons.notMigratable, message: "moving guests that run is not supported" };
}
