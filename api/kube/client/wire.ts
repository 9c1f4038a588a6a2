/**
 * A type of @kubernetes/client-node in the form of the wire: times are strings, and names have no leading underscore,
 * which the package adds to names that clash with JavaScript's reserved words.
 *
 * @example type Pod = Wire<V1Pod>;
 */
export type Wire<T> = T extends Date
  ? string
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends (infer Item)[]
      ? Wire<Item>[]
      : { [Key in keyof T as Key extends `_${infer Name}` ? Name : Key]: Wire<T[Key]> };
