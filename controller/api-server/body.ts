import { parse } from "yaml";
import { StatusError } from "../../api/status-error.ts";
import { badRequest } from "./refusals.ts";

/** The largest body in bytes: what etcd keeps of an object. */
const limit = 1.5 * 1024 * 1024;

/** The largest body in bytes that is YAML: reading it holds up everybody else, 200 ms for so much. */
const yamlLimit = 256 * 1024;

/** A JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a request's body as an object; an empty one is an object without fields. It may be JSON or YAML, whatever its
 * Content-Type says: the stock client sends none. Throws a 400 or 413.
 */
export async function bodyOf(request: AsyncIterable<Buffer>): Promise<Fields> {
  const text = (await bytesOf(request)).toString("utf8").trim();
  if (text === "") return {};
  let value: unknown;
  try {
    // YAML holds all of JSON, but its parser is a hundred times slower, and takes square time to find keys given twice.
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

async function bytesOf(request: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > limit) throw new StatusError(413, `the body is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
