import type { KubeObject } from "../../api/kube/resources/object.ts";
import { printYaml } from "../../api/values/yaml.ts";
import { fullName, type TargetKind } from "../target/kind.ts";

/** The formats that print whole objects, or their names. */
export type ObjectFormat = "json" | "yaml" | "name";

/** Formats an object, without a newline at the end. The caller separates several YAML documents. */
export function printedObject(object: KubeObject, kind: TargetKind, format: ObjectFormat): string {
  if (format === "name") return fullName(kind, object.metadata?.name ?? "");
  return format === "json" ? JSON.stringify(bare(object), null, 4) : yaml(bare(object));
}

/** Formats objects as one list. */
export function printedList(items: readonly KubeObject[], format: "json" | "yaml"): string {
  const list = { apiVersion: "v1", items: items.map(bare), kind: "List", metadata: { resourceVersion: "" } };
  return format === "json" ? JSON.stringify(list, null, 4) : yaml(list);
}

/** Returns an object without `managedFields`; kubectl hides them too. */
function bare<T extends KubeObject>(object: T): T {
  if (object.metadata?.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function yaml(value: object): string {
  return printYaml(value).trimEnd();
}
