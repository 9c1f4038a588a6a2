import type { Claim } from "../../api/kube/resources/core-resources.ts";
import { entriesOf, given } from "./fields.ts";

/** The number of access modes in Kubernetes. */
const mostModes = 4;

/** A claim with its size, modes and phase only. Its selector alone could take a megabyte. */
export function slimClaim({ metadata, spec, status }: Claim): Claim {
  const { name, namespace, uid, resourceVersion } = metadata ?? {};
  const { accessModes, volumeMode, resources } = spec ?? {};
  const requests = entriesOf(resources?.requests, ["storage"]);
  const capacity = entriesOf(status?.capacity, ["storage"]);
  return {
    metadata: given<NonNullable<Claim["metadata"]>>({ name, namespace, uid, resourceVersion }),
    spec: given<NonNullable<Claim["spec"]>>({
      accessModes: accessModes?.slice(0, mostModes),
      volumeMode,
      resources: requests && { requests },
    }),
    status: given<NonNullable<Claim["status"]>>({ phase: status?.phase, capacity }),
  };
}
