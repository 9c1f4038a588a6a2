import { StatusError } from "../../api/serving/status-error.ts";

/** The two kinds that have sub-resources, in the singular, for messages. */
export type Subject = "virtualmachine" | "virtualmachineinstance";

/** 404: the object does not exist. */
export function notFound(subject: Subject, name: string): StatusError {
  return new StatusError(404, `${subject}.kubevirt.io "${name}" not found`, { details: detailsOf(subject, name) });
}

/** 409: the object's state does not allow it. Every Kubernetes API server uses the words before the reason. */
export function conflict(subject: Subject, name: string, reason: string): StatusError {
  return new StatusError(409, `Operation cannot be fulfilled on ${subject}.kubevirt.io "${name}": ${reason}`, {
    details: detailsOf(subject, name),
  });
}

/** 400: the request itself is wrong. */
export function badRequest(message: string): StatusError {
  return new StatusError(400, message);
}

function detailsOf(subject: Subject, name: string): StatusError["details"] {
  return { name, group: "kubevirt.io", kind: subject };
}
