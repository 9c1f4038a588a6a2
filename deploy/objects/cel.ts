import { names } from "./names.ts";
import { namespace } from "./object.ts";

/** A named CEL expression. */
export interface Expression {
  readonly name: string;
  readonly expression: string;
}

/** A CEL list of texts. */
export const list = (texts: readonly string[]): string => `[${texts.map((text) => `"${text}"`).join(", ")}]`;

/** The parts of an object's metadata that are maps of texts. */
export type TextMap = "labels" | "annotations";

/** Variables: a map of an object's metadata, now and before, and in `labelsChanged` the keys that differ. */
export const changed = (map: TextMap): readonly Expression[] => [
  { name: map, expression: `object.metadata.?${map}.orValue({})` },
  { name: `${map}Before`, expression: `oldObject.metadata.?${map}.orValue({})` },
  {
    name: `${map}Changed`,
    expression: [
      `variables.${map}.map(k, k).filter(k, variables.${map}[?k] != variables.${map}Before[?k])`,
      `variables.${map}Before.map(k, k).filter(k, !(k in variables.${map}))`,
    ].join(" + "),
  },
];

/** A CEL list of the fields that have changed among some, such as `metadata.finalizers`. */
export const changedOf = (paths: readonly string[]): string =>
  paths.map((path) => `(${isAsBefore(path)} ? [] : ["${path}"])`).join(" + ");

function isAsBefore(path: string): string {
  const optional = `.${path}`.replaceAll(".", ".?");
  return `object${optional} == oldObject${optional}`;
}

/** The API server's user name for one of the add-on's service accounts. */
export const accountOf = (name: string): string => `system:serviceaccount:${namespace}:${name}`;

/** A condition: the user of the request is one of the add-on's service accounts, or is not the controller. */
export const isAccount = (condition: string, account: string): Expression => ({
  name: condition,
  expression: `request.userInfo.username == "${accountOf(account)}"`,
});
export const notTheController: Expression = {
  name: "is-not-the-controller",
  expression: `request.userInfo.username != "${accountOf(names.controller)}"`,
};
