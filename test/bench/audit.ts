import { readFile, stat } from "node:fs/promises";
import type { Cluster } from "../../cluster/cluster.ts";
import { auditLog } from "../../cluster/control-plane.ts";

/** A writing request from the API server's audit log. */
export interface Write {
  /** The requester, in short. */
  user: string;
  verb: string;
  /** The resource with its sub-resource: `pods/status`. */
  resource: string;
  /** Missing for objects without a namespace. */
  namespace?: string;
}

/** The fields that we read of a log entry (audit.k8s.io/v1, Event). */
interface Entry {
  user: { username: string };
  verb: string;
  objectRef?: { resource?: string; subresource?: string; namespace?: string };
}

/** Runs work, and returns all writes during that time, refused ones too. */
export async function writesDuring(cluster: Cluster, work: () => Promise<void>): Promise<Write[]> {
  const file = await auditLog(cluster);
  const { size } = await stat(file);
  await work();
  const log = (await readFile(file)).subarray(size).toString();
  return log
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => writeOf(JSON.parse(line)));
}

function writeOf({ user, verb, objectRef: { resource = "", subresource, namespace } = {} }: Entry): Write {
  return {
    user: user.username.split(":").at(-1) ?? "",
    verb,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    ...(namespace === undefined ? {} : { namespace }),
  };
}
