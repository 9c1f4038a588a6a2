import { aggregatedApi } from "./objects/aggregated-api.ts";
import { annotationGuard } from "./objects/annotation-guard.ts";
import { cloudInitAdvice } from "./objects/cloud-init-advice.ts";
import { controller } from "./objects/controller.ts";
import { controllerGuard } from "./objects/controller-guard.ts";
import { credentialGuard } from "./objects/credential-guard.ts";
import { daemonGuard } from "./objects/daemon-guard.ts";
import { evictions } from "./objects/eviction-hook.ts";
import { expiryGuard } from "./objects/expiry-guard.ts";
import { instanceGuard } from "./objects/instance-guard.ts";
import { machineFinalizer } from "./objects/machine-finalizer.ts";
import { namespaceObjects } from "./objects/namespace.ts";
import { nodeDaemon } from "./objects/node-daemon.ts";
import type { Manifest } from "./objects/object.ts";
import { placeholderGuard } from "./objects/placeholder-guard.ts";
import { programRoles } from "./objects/program-roles.ts";
import { userRoles } from "./objects/user-roles.ts";

/** The installed manifests beside the definitions: the files' names and their objects, in the order of installing. */
export const manifests: Readonly<Record<string, readonly Manifest[]>> = {
  namespace: namespaceObjects,
  "daemon-guard": daemonGuard,
  "controller-guard": controllerGuard,
  "program-roles": programRoles,
  "user-roles": userRoles,
  "machine-finalizer": machineFinalizer,
  "instance-guard": instanceGuard,
  "placeholder-guard": placeholderGuard,
  "annotation-guard": annotationGuard,
  "expiry-guard": expiryGuard,
  "cloud-init-advice": cloudInitAdvice,
  "credential-guard": credentialGuard,
  "aggregated-api": aggregatedApi,
  "eviction-hook": evictions,
  controller,
  "node-daemon": nodeDaemon,
};

/** The definitions, which are generated from the schemas. */
export const definitions = ["kubevirts", "virtualmachineinstances", "virtualmachines"] as const;
