/**
 * A type of @kubernetes/client-node as its objects are on the wire: times are strings, and names that clash with
 * JavaScript's words have lost the underscore that the package gives them.
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
