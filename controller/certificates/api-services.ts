import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import type { KubeObject } from "../../api/kube/resources/object.ts";
import type { Resource } from "../../api/kube/resources/resource.ts";
import { subresourceGroup } from "../../api/sub-resources.ts";

/** An APIService with the fields that are read here. */
export interface ApiService extends KubeObject {
  spec?: {
    caBundle?: string;
    /** The Service that serves it; the API server itself when absent. */
    service?: { namespace?: string; name?: string };
  };
}

export const apiServices: Resource<ApiService> = {
  group: "apiregistration.k8s.io",
  version: "v1",
  plural: "apiservices",
  kind: "APIService",
  namespaced: false,
};

/** The names of our APIServices, one for each version. */
export const apiServiceNames = subresourceGroup.versions.map((version) => `${version}.${subresourceGroup.name}`);

/** The annotations of an APIService that cert-manager manages. */
const injected = /^cert-manager\.io\/inject-/;

/**
 * Makes the API server trust our serving certificate. It does not write an APIService that is right already, that does
 * not exist, or that cert-manager manages. Returns the names of the changed ones.
 */
export async function updateCaBundles(
  client: KubeClient,
  known: (name: string) => ApiService | undefined,
  ca: string,
  signal: AbortSignal,
): Promise<string[]> {
  const caBundle = Buffer.from(ca).toString("base64");
  const changed: string[] = [];
  for (const name of apiServiceNames) {
    const service = known(name);
    if (!service || service.spec?.caBundle === caBundle) continue;
    if (Object.keys(service.metadata?.annotations ?? {}).some((annotation) => injected.test(annotation))) continue;
    try {
      await client.mergePatch(apiServices, { name }, { spec: { caBundle } }, { signal });
      changed.push(name);
    } catch (error) {
      // The APIService was deleted meanwhile.
      if (!(error instanceof ApiError && error.isNotFound)) throw error;
    }
  }
  return changed;
}
