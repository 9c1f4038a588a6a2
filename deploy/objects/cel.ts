import { names } from "./names.ts";
import { namespace } from "./object.ts";

/** A CEL expression by a name. */
export interface Expression {
  readonly name: string;
  readonly expression: string;
}

/** A CEL list of texts. */
export const list = (texts: readonly string[]): string => `[${texts.map((text) => `"${text}"`).join(", ")}]`;

/** The name by which the API server knows one of the add-on's service accounts. */
export const accountOf = (name: string): string => `system:serviceaccount:${namespace}:${name}`;

/** A condition: who asks is one of the add-on's service accounts, or is not the controller. */
export const isAccount = (condition: string, account: string): Expression => ({
  name: condition,
  expression: `request.userInfo.username == "${accountOf(account)}"`,
});
export const notTheController: Expression = {
  name: "is-not-the-controller",
  expression: `request.userInfo.username != "${accountOf(names.controller)}"`,
};
