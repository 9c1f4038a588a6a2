import { goDuration } from "../../api/values/go-duration.ts";
import type { Fields } from "./body.ts";
import { badRequest } from "./refusals.ts";

/** Whether it is a dry run: `dryRun: ["All"]` in the body or `?dryRun=All`. Throws a 400 for other values. */
export function isDryRun(body: Fields, query: URLSearchParams): boolean {
  const { dryRun = [] } = body;
  const asked = [...query.getAll("dryRun"), ...(Array.isArray(dryRun) ? dryRun : [dryRun])];
  const wrong = asked.find((value) => value !== "All" && value !== "" && value !== null);
  if (wrong !== undefined)
    throw badRequest(`dryRun: ${JSON.stringify(wrong)} is not supported; the only value is "All"`);
  return asked.includes("All");
}

/** A whole number of seconds in the body; `undefined` when it is missing. Throws a 400 for anything else. */
export function secondsOf(body: Fields, field: string): number | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  throw badRequest(`${field}: ${JSON.stringify(value)} is not a number of seconds`);
}

/** The longest duration in milliseconds: KubeVirt has room for 2 ** 31 - 1 seconds. */
const longest = (2 ** 31 - 1) * 1000;

/** Milliseconds of a duration in the body, in Go's form `5m0s`; 0 when missing. Throws a 400 for others. */
export function durationOf(body: Fields, field: string): number {
  const value = body[field] ?? "0s";
  const duration = value === 0 ? 0 : typeof value === "string" ? goDuration(value) : undefined;
  if (duration !== undefined && duration <= longest) return duration;
  throw badRequest(`${field}: ${JSON.stringify(value)} is not a duration such as 5m0s`);
}

/** A boolean in the body; false when it is missing. Throws a 400 for anything else. */
export function booleanOf(body: Fields, field: string): boolean {
  const value = body[field] ?? false;
  if (typeof value === "boolean") return value;
  throw badRequest(`${field}: ${JSON.stringify(value)} is neither true nor false`);
}

/** A boolean of the query; false when it is missing. Throws a 400 for anything else. */
export function booleanQuery(query: URLSearchParams, name: string): boolean {
  const value = query.get(name) ?? "false";
  if (value === "true" || value === "false") return value === "true";
  throw badRequest(`${name}: "${value}" is neither true nor false`);
}
