import type { ObjectMeta } from "../kube/resources/object.ts";
import { clipped } from "../values/clipped.ts";
import { goDuration } from "../values/go-duration.ts";
import { annotations } from "./labels.ts";

/** The expiry of an object: it is to be deleted when `term` has stayed the same for this time. */
export interface Expiry {
  /** The time as its author wrote it. */
  readonly text: string;
  readonly milliseconds: number;
  /** Changes with each renewal, and differs between objects. */
  readonly term: string;
}

/** The form of `annotations.expireAfter`. A rule of the API server uses it too: CEL and JavaScript both know it. */
export const expiryPattern = "^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,9}s)?$";

/** The text of `annotations.expireAfter` for a time in milliseconds, in whole seconds. */
export function expiryText(milliseconds: number): string {
  return `${Math.ceil(milliseconds / 1000)}s`;
}

/** The expiry by an object's annotations; `undefined` if it has none, or is being deleted already. */
export function expiryOf({ uid, deletionTimestamp, annotations: given = {} }: ObjectMeta): Expiry | undefined {
  const { [annotations.expireAfter]: text, [annotations.renewed]: renewed = "" } = given;
  if (!text || deletionTimestamp !== undefined || !new RegExp(expiryPattern).test(text)) return undefined;
  return { text, milliseconds: goDuration(text) ?? 0, term: `${uid} ${text} ${clipped(renewed, 64)}` };
}
