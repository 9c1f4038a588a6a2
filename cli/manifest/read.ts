import { group } from "../../api/group.ts";
import type { KubeObject } from "../../api/kube/resources/object.ts";
import { parseYaml, YamlError } from "../../api/values/yaml.ts";
import { Failure } from "../failure.ts";
import type { TargetKind } from "../target/kind.ts";

/** An object of a manifest. Only its kind is checked. */
export interface Manifest extends KubeObject {
  apiVersion: string;
  kind: TargetKind;
  metadata: NonNullable<KubeObject["metadata"]>;
}

/**
 * Reads the objects of a manifest: YAML with several documents, JSON, or a List of objects.
 * Throws Failure, with file name and position, for malformed text or another kind.
 */
export function readManifests(text: string, file: string): Manifest[] {
  const where = file === "-" ? "standard input" : file;
  const objects = documentsOf(text, where).flatMap(itemsOf);
  if (objects.length === 0) throw new Failure(`no objects in ${where}`);
  return objects.map((object) => checked(object, where));
}

function documentsOf(text: string, where: string): unknown[] {
  try {
    return parseYaml(text);
  } catch (error) {
    if (error instanceof YamlError) throw new Failure(`parsing ${where}: ${error.message}`);
    throw error;
  }
}

/** Returns the object of a document, or the items of a `List` or `VirtualMachineList`. */
function itemsOf(value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  if (!isObject(value) || typeof value.kind !== "string") return [value];
  const { kind, items, apiVersion } = value;
  if (!kind.endsWith("List") || !Array.isArray(items)) return [value];
  if (kind === "List") return items.flatMap(itemsOf);
  // The items of a list of one kind may leave out apiVersion and kind.
  const own = { apiVersion, kind: kind.slice(0, -"List".length) };
  return items.map((item: unknown) => (isObject(item) ? { ...own, ...item } : item));
}

function checked(value: unknown, where: string): Manifest {
  if (!isObject(value)) throw new Failure(`${where}: ${JSON.stringify(value)} is no object`);
  const { apiVersion, kind, metadata } = value;
  if (apiVersion !== group.apiVersion || (kind !== "VirtualMachine" && kind !== "VirtualMachineInstance")) {
    throw new Failure(
      `${where}: ${textOr(kind, "an object without kind")} of ${textOr(apiVersion, "no apiVersion")} is neither VirtualMachine nor VirtualMachineInstance of ${group.apiVersion}; kubectl itself takes the others`,
    );
  }
  if (!isObject(metadata) || (typeof metadata.name !== "string" && typeof metadata.generateName !== "string")) {
    throw new Failure(`${where}: a ${kind} without metadata.name`);
  }
  return { ...value, apiVersion, kind, metadata };
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
