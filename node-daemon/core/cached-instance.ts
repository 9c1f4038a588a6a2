import { annotations } from "../../api/contract/labels.ts";
import { recordedPlaceholder } from "../../api/contract/placeholder.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";

/**
 * An instance without what others have written into its metadata, which may be a megabyte at any time. Its spec is bounded
 * by the controller, and what a guest says in its status by `guest-bounds.ts`.
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
