import type { KubeObject } from "../../api/kube/resources/object.ts";
import { printYaml } from "../../api/values/yaml.ts";
import { fullName, type TargetKind } from "../target/kind.ts";

/** The formats that print objects as they are. */
export type ObjectFormat = "json" | "yaml" | "name";

/** An object in a format, without a newline at the end; several YAML documents are the caller's to part. */
export function printedObject(object: KubeObject, kind: TargetKind, format: ObjectFormat): string {
  if (format === "name") return fullName(kind, object.metadata?.name ?? "");
  return format === "json" ? JSON.stringify(bare(object), null, 4) : yaml(bare(object));
}

/** Objects as one list, in a format. */
export function printedList(items: readonly KubeObject[], format: "json" | "yaml"): string {
  const list = { apiVersion: "v1", items: items.map(bare), kind: "List", metadata: { resourceVersion: "" } };
  return format === "json" ? JSON.stringify(list, null, 4) : yaml(list);
}

/** An object without what says who wrote which field; kubectl hides it too. */
function bare<T extends KubeObject>(object: T): T {
  if (object.metadata?.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function yaml(value: object): string {
  return printYaml(value).trimEnd();
}
