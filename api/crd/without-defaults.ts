import type { StructuralSchema } from "./structural-schema.ts";

/** A schema without its defaults. */
export function withoutDefaults({ default: _default, ...schema }: StructuralSchema): StructuralSchema {
  return {
    ...schema,
    ...(schema.items ? { items: withoutDefaults(schema.items) } : {}),
    ...(schema.properties
      ? {
          properties: Object.fromEntries(
            Object.entries(schema.properties).map(([name, value]) => [name, withoutDefaults(value)]),
          ),
        }
      : {}),
  };
}
