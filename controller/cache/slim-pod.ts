import type { Pod } from "../../api/kube/resources/core-resources.ts";
import { clipped } from "../../api/values/clipped.ts";
import { containerTrouble } from "../vmi/pod-trouble.ts";
import { given } from "./fields.ts";

type PodStatus = NonNullable<Pod["status"]>;

/** The longest texts that are kept from the scheduler and the kubelet, in characters. */
const longest = { reason: 128, message: 2048 } as const;

/** The conditions that the controller uses. */
const conditionTypes = ["PodScheduled", "PodReadyToStartContainers"];

/** A placeholder pod without unused fields, which are most of it: its labels alone could take a megabyte. */
export function slimPod({ apiVersion, kind, metadata, spec, status }: Pod): Pod {
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp } = metadata ?? {};
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  return given<Pod>({
    apiVersion,
    kind,
    metadata: given<NonNullable<Pod["metadata"]>>({
      name,
      namespace,
      uid,
      resourceVersion,
      creationTimestamp,
      deletionTimestamp,
      ownerReferences: owner && [owner],
    }),
    spec: { containers: [], ...(spec?.nodeName === undefined ? {} : { nodeName: spec.nodeName }) },
    status: status && slimStatus(status),
  });
}

/** The used fields of a status: of its containers, only the first with trouble. */
function slimStatus(status: PodStatus): PodStatus {
  const { phase, qosClass, conditions } = status;
  const trouble = containerTrouble(status);
  return given<PodStatus>({
    phase,
    qosClass,
    ...said(status),
    conditions: conditions
      ?.filter(({ type }) => conditionTypes.includes(type))
      .map((condition) => ({ ...condition, ...said(condition) })),
    containerStatuses: trouble && [{ ...noContainer, state: { waiting: said(trouble) } }],
  });
}

const noContainer = { name: "", image: "", imageID: "", ready: false, restartCount: 0 };

function said({ reason, message }: Said): Said {
  return given<Said>({
    reason: reason === undefined ? undefined : clipped(reason, longest.reason),
    message: message === undefined ? undefined : clipped(message, longest.message),
  });
}

interface Said {
  reason?: string;
  message?: string;
}
