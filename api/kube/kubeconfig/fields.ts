/** A field of a file has the wrong type. */
export class FieldTypeError extends Error {
  override readonly name = "FieldTypeError";
}

/** The fields of an object from a file; null counts as missing. Throws FieldTypeError for a value of the wrong type. */
export class Fields {
  readonly #path: string;
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(value: unknown, path: string) {
    this.#path = path;
    this.#values = isObject(value ?? {}) ? Object(value ?? {}) : this.#fail(path, "an object");
  }

  /** The text, or `undefined` if it is empty. */
  text(name: string): string | undefined {
    const value = this.#values[name] ?? "";
    if (typeof value !== "string") this.#fail(this.#at(name), "text");
    return value || undefined;
  }

  flag(name: string): boolean {
    const value = this.#values[name] ?? false;
    return typeof value === "boolean" ? value : this.#fail(this.#at(name), "true or false");
  }

  /** Bytes from base64. */
  bytes(name: string): Buffer | undefined {
    const text = this.text(name)?.replaceAll(/[\r\n]/g, "");
    if (text === undefined) return undefined;
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
      this.#fail(this.#at(name), "base64");
    }
    return Buffer.from(text, "base64");
  }

  texts(name: string): string[] {
    return this.#list(name).map((item, index) => {
      const value = item ?? "";
      return typeof value === "string" ? value : this.#fail(`${this.#at(name)}[${index}]`, "text");
    });
  }

  /** The fields of an object in a field; `undefined` if it is missing. */
  object(name: string): Fields | undefined {
    const value = this.#values[name] ?? undefined;
    return value === undefined ? undefined : new Fields(value, this.#at(name));
  }

  objects(name: string): Fields[] {
    return this.#list(name).map((item, index) => new Fields(item, `${this.#at(name)}[${index}]`));
  }

  /** Reads each existing field by its name. */
  map<T>(read: (name: string) => T): Record<string, T> {
    return Object.fromEntries(Object.keys(this.#values).map((name) => [name, read(name)]));
  }

  /** The value as it is. */
  any(name: string): unknown {
    return this.#values[name];
  }

  #list(name: string): unknown[] {
    const value: unknown = this.#values[name] ?? [];
    return Array.isArray(value) ? value : this.#fail(this.#at(name), "a list");
  }

  #at(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  #fail(path: string, what: string): never {
    throw new FieldTypeError(`${path || "it"} must be ${what}`);
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
