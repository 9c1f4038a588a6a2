import type { V1Deployment } from "@kubernetes/client-node";
import { partOf } from "../../api/contract/labels.ts";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import type { Wire } from "../../api/kube/client/wire.ts";
import type { KubeObject, List } from "../../api/kube/resources/object.ts";
import type { Resource } from "../../api/kube/resources/resource.ts";
import { type ApiService, apiServiceNames, apiServices } from "../certificates/api-services.ts";

/** The place of this add-on. */
export interface OwnPlace {
  readonly namespace: string;
  /** The Service of the aggregated API. */
  readonly service: string;
}

/** KubeVirt's installation object, with the fields that are read here. */
interface Installation extends KubeObject {
  status?: { phase?: string; operatorVersion?: string };
}

const deployments: Resource<Wire<V1Deployment>> = {
  group: "apps",
  version: "v1",
  plural: "deployments",
  kind: "Deployment",
  namespaced: true,
};

const installations: Resource<Installation> = {
  group: "kubevirt.io",
  version: "v1",
  plural: "kubevirts",
  kind: "KubeVirt",
  namespaced: true,
};

/** The finalizer of KubeVirt's operator. */
const operatorFinalizer = "foregroundDeleteKubeVirt";

/** KubeVirt's programs, without ours that have the same name and label. Scaled-down ones count: they may come back. */
const foreignPrograms = [
  "kubevirt.io in (virt-operator,virt-api,virt-controller)",
  ...Object.entries(partOf).map(([label, value]) => `${label}!=${value}`),
].join(",");

/**
 * The parts of KubeVirt in a cluster, in words such as `Deployment kubevirt/virt-operator`; empty when there are none.
 * Two systems that reconcile the same objects would undo or repeat each other's work.
 */
export async function kubevirtIn(client: KubeClient, own: OwnPlace, signal?: AbortSignal): Promise<string[]> {
  const [programs, objects, services] = await Promise.all([
    client.list(deployments, { labelSelector: foreignPrograms, limit: 10, signal }),
    orNone(client.list(installations, { limit: 10, signal })),
    Promise.all(apiServiceNames.map((name) => orNone(client.get(apiServices, { name }, { signal })))),
  ]);
  return [
    ...programs.items.map((one) => `Deployment ${nameOf(one)}`),
    ...(objects?.items ?? []).filter(isInstalled).map((one) => `KubeVirt ${nameOf(one)}`),
    ...services.flatMap((one) => (one && leadsElsewhere(one, own) ? [`APIService ${one.metadata?.name}`] : [])),
  ];
}

/** Whether KubeVirt's operator manages an object. One that only we or other tools have written installs nothing. */
export function isInstalled({ metadata, status }: Installation): boolean {
  if (metadata?.finalizers?.includes(operatorFinalizer)) return true;
  const isOurs = Object.entries(partOf).every(([label, value]) => metadata?.labels?.[label] === value);
  return !isOurs && (status?.phase !== undefined || status?.operatorVersion !== undefined);
}

/** Whether an APIService of the sub-resources points to another Service. */
export function leadsElsewhere({ spec }: ApiService, own: OwnPlace): boolean {
  const { namespace, name } = spec?.service ?? {};
  return name !== undefined && (namespace !== own.namespace || name !== own.service);
}

function nameOf({ metadata }: KubeObject): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}

/** The result of a request; `undefined` if the object, or its whole kind, does not exist. */
async function orNone<T extends KubeObject | List<KubeObject>>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return undefined;
    throw error;
  }
}
