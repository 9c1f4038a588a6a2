import { StatusError } from "../../../api/serving/status-error.ts";
import type { Fields } from "../body.ts";
import { type Endpoint, instanceOf, machineOf } from "../endpoint.ts";
import type { SubjectResource } from "../route.ts";

/** KubeVirt's sub-resources that do not exist here, with their methods: they are refused by name. */
export const unsupported: Readonly<Record<SubjectResource, Readonly<Record<string, Endpoint["method"]>>>> = {
  virtualmachines: {
    addvolume: "PUT",
    "evacuate/cancel": "PUT",
    memorydump: "PUT",
    migrate: "PUT",
    objectgraph: "GET",
    removememorydump: "PUT",
    removevolume: "PUT",
  },
  virtualmachineinstances: {
    addvolume: "PUT",
    backup: "PUT",
    "evacuate/cancel": "PUT",
    filesystemlist: "GET",
    guestosinfo: "GET",
    objectgraph: "GET",
    "redefine-checkpoint": "PUT",
    removevolume: "PUT",
    "sev/fetchcertchain": "GET",
    "sev/injectlaunchsecret": "PUT",
    "sev/querylaunchmeasurement": "GET",
    "sev/setupsession": "PUT",
    usbredir: "GET",
    userlist: "GET",
    vsock: "GET",
  },
};

/** Refuses a sub-resource by its name, after a 404 if the object does not exist. */
export function refusing(resource: SubjectResource, name: string, method: Endpoint["method"]): Endpoint {
  return {
    method,
    async answer(request) {
      await (resource === "virtualmachines" ? machineOf(request) : instanceOf(request));
      throw new StatusError(501, `${resource}/${name}: not supported${leftOf(name, request.body)}`);
    },
  };
}

/** Names the claim that the stock client made before its request. We must not delete it: it may be another user's. */
function leftOf(name: string, { claimName }: Fields): string {
  if (name !== "memorydump" || typeof claimName !== "string") return "";
  return `; PersistentVolumeClaim "${claimName.slice(0, 253)}" stays as it is, delete it if it was made for this`;
}
