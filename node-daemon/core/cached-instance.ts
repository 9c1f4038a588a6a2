import { annotations } from "../../api/contract/labels.ts";
import { recordedPlaceholder } from "../../api/contract/placeholder.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";

/**
 * An instance without the metadata that others write, which may be a megabyte at any time. The controller limits the
 * spec, and `guest-bounds.ts` limits the guest's data in the status.
 */
export function cachedInstance({ metadata, ...instance }: VirtualMachineInstance): VirtualMachineInstance {
  const { managedFields: _, labels: __, annotations: given = {}, ownerReferences = [], ...rest } = metadata;
  const recorded = recordedPlaceholder({ annotations: given });
  const owner = ownerReferences.find(({ controller }) => controller === true);
  return {
    ...instance,
    metadata: {
      ...rest,
      ...(owner ? { ownerReferences: [owner] } : {}),
      ...(recorded === undefined ? {} : { annotations: { [annotations.placeholderUid]: recorded } }),
    },
  };
}
