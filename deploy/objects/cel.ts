import { namespace } from "./object.ts";

/** A CEL list of texts. */
export const list = (texts: readonly string[]): string => `[${texts.map((text) => `"${text}"`).join(", ")}]`;

/** The name by which the API server knows one of the add-on's service accounts. */
export const accountOf = (name: string): string => `system:serviceaccount:${namespace}:${name}`;
