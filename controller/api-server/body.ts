import { parse } from "yaml";
import type { Allocation } from "../../api/serving/budget.ts";
import { StatusError } from "../../api/serving/status-error.ts";
import { badRequest } from "./refusals.ts";

/** The largest body in bytes: etcd's limit for an object. */
const largestBody = 1.5 * 1024 * 1024;

/** The largest body in bytes of a request with options only: they have a few fields. */
export const largestOptions = 64 * 1024;

/** Bytes of memory for a piece of a body, read and parsed. A list of empty objects takes most per byte. */
const costOf = (piece: Buffer): number => 32 * piece.length + 256;

export interface BodyOptions {
  /** The largest body in bytes; 1.5 MiB by default. */
  readonly limit?: number;
  /** The holding for the body's memory, until it is released. Without one, the body is not counted. */
  readonly holding?: Allocation | undefined;
}

/** The largest YAML body in bytes: parsing it blocks all other requests, for 200 ms at this size. */
const yamlLimit = 256 * 1024;

/** A JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a request's body as an object; an empty body is an object without fields. The body may be JSON or YAML, with
 * any Content-Type: the stock client sends none. Throws a 400, 413 or 429.
 */
export async function bodyOf(
  request: AsyncIterable<Buffer>,
  { limit = largestBody, holding }: BodyOptions = {},
): Promise<Fields> {
  const text = (await bytesOf(request, limit, holding)).toString("utf8").trim();
  if (text === "") return {};
  let value: unknown;
  try {
    // YAML includes JSON, but its parser is a hundred times slower, and takes square time to find duplicate keys.
    value = text.startsWith("{") ? JSON.parse(text) : parse(small(text), { uniqueKeys: false });
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw badRequest(`the body is neither JSON nor YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (value === null || value === undefined) return {};
  if (!isFields(value)) throw badRequest("the body is not an object");
  return value;
}

/** Whether a value is an object with fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function small(yaml: string): string {
  if (yaml.length > yamlLimit) throw new StatusError(413, `the body is larger than ${yamlLimit} bytes and not JSON`);
  return yaml;
}

async function bytesOf(
  request: AsyncIterable<Buffer>,
  limit: number,
  holding: Allocation | undefined,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > limit) throw new StatusError(413, `the body is larger than ${limit} bytes`);
    if (holding && !holding.take(costOf(chunk))) {
      throw new StatusError(429, "too many bodies of requests are being read; try again later");
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
