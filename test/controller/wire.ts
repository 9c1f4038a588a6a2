/** What a request is about: the object at a path, or the collection where there is no name. */
export interface Target {
  readonly path: string;
  readonly plural: string;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** `/apis/GROUP/VERSION/namespaces/NAMESPACE/PLURAL/NAME/SUBRESOURCE`, of which much may be missing. */
const form = /^((?:\/api|\/apis\/[^/]+)\/[^/]+(?:\/namespaces\/[^/]+)?\/([^/]+)(?:\/([^/]+))?)(?:\/([^/]+))?$/;

export function targetOf(pathname: string): Target {
  const [, path = "", plural = "", name, subresource] = form.exec(decodeURIComponent(pathname)) ?? [];
  return { path, plural, name, subresource };
}

/** The terms of a selector, all of which are `name=value`, with the path of the field that each is about. */
export function termsOf(
  selector: string | null,
  fieldOf: (name: string) => string[],
): [field: string[], value: string][] {
  const terms = selector ? selector.split(",").map((term) => term.split("=", 2)) : [];
  return terms.map(([name = "", value = ""]) => [fieldOf(name), value]);
}

/** A value as it comes over the wire. */
export function plain(value: unknown): ReturnType<typeof JSON.parse> {
  return JSON.parse(JSON.stringify(value));
}

/** What a merge patch (RFC 7386) makes of a value. */
export function merged(value: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(value) ? { ...value } : {};
  for (const [name, inner] of Object.entries(patch)) {
    if (inner === null) delete result[name];
    else result[name] = merged(result[name], inner);
  }
  return result;
}

/** What a value has at a path of fields. */
export function valueAt(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return value;
  return isObject(value) ? valueAt(value[name], rest) : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
