/** An object without its `undefined` fields. */
export function given<T extends object>(fields: { readonly [Field in keyof T]: T[Field] | undefined }): Partial<T>;
export function given(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The entries of a map that have one of some names; `undefined` when there are none. */
export function entriesOf<Name extends string>(
  all: Readonly<Record<string, string>> | undefined,
  names: readonly Name[],
): { [Key in Name]?: string } | undefined {
  const found: { [Key in Name]?: string } = {};
  for (const name of names) {
    const value = all?.[name];
    if (value !== undefined) found[name] = value;
  }
  return Object.keys(found).length > 0 ? found : undefined;
}
