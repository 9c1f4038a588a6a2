import { isDeepStrictEqual } from "node:util";
import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { Failure } from "../failure.ts";

/** The field of cloud-init's data with the default user's keys. */
const field = "ssh_authorized_keys";

/** A place in a text, and the text to insert there. */
interface Insertion {
  readonly at: number;
  readonly text: string;
}

/**
 * Adds keys for the default user to cloud-init's data. The rest of the text stays as it is, because a rewrite would
 * change values (`0644` is another number for other YAML readers). Throws Failure if there is no place for the keys.
 */
export function addKeys(text: string, keys: readonly string[]): string {
  const before = parsed(text);
  const [error] = before.errors;
  if (error) throw new Failure(`parsing --cloud-init: ${error.message}`);
  const wanted = { ...fieldsOf(before), [field]: [...keysOf(before), ...keys] };
  for (const { at, text: added } of insertions(text, before, keys)) {
    const after = text.slice(0, at) + added + text.slice(at);
    const read = parsed(after);
    // Accept a place only if YAML then reads the wanted value. Otherwise try the next place.
    if (read.errors.length === 0 && isDeepStrictEqual(fieldsOf(read), wanted)) return after;
  }
  throw new Failure(`--ssh-key: there is no place for the keys in --cloud-init; add them to its ${field} yourself`);
}

/** Parses like cloud-init: YAML 1.1, and the last of equal keys counts. */
export function parsed(text: string): Document.Parsed {
  return parseDocument(text, { version: "1.1", uniqueKeys: false });
}

function fieldsOf(document: Document.Parsed): Readonly<Record<string, unknown>> {
  const value: unknown = document.toJS() ?? {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Failure("parsing --cloud-init: it is no map of fields");
  }
  return Object(value);
}

function keysOf(document: Document.Parsed): unknown[] {
  const value = fieldsOf(document)[field] ?? [];
  if (!Array.isArray(value))
    throw new Failure(`--ssh-key: ${field} of --cloud-init is no list, to which keys can be added`);
  return value;
}

/** Lists the possible places for the keys, the best first. */
function insertions(text: string, { contents }: Document.Parsed, keys: readonly string[]): Insertion[] {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const block = (indent: string): string => keys.map((key) => `${indent}- ${quoted(key)}${eol}`).join("");
  if (!isMap(contents)) return [{ at: endOf(text), text: `${lineBefore(text, eol)}${field}:${eol}${block("  ")}` }];
  const list: unknown = contents.get(field, true);
  if (isSeq(list)) return [list.flow ? inFlow(list, keys.map(json)) : afterItem(text, list, block, eol)];
  if (contents.flow) return [inFlow(contents, [`${field}: [${keys.map(json).join(", ")}]`])];
  const indent = indentAt(text, startOf(contents));
  if (contents.has(field)) return [emptyField(text, contents, block(`${indent}  `), eol)];
  const own = `${indent}${field}:${eol}${block(`${indent}  `)}`;
  const atEnd = { at: endOf(text), text: own };
  const atBeginning = { at: startOf(contents) - indent.length, text: own };
  // Without a final line feed, the last value may be one that a new line feed would change.
  return text.endsWith("\n") ? [atEnd, atBeginning] : [atBeginning];
}

/** Inserts after the last item of a list or map in brackets. */
function inFlow(list: YAMLSeq | YAMLMap, items: readonly string[]): Insertion {
  const last: unknown = list.items.at(-1);
  const node = isPair(last) ? (last.value ?? last.key) : last;
  const text = items.join(", ");
  if (isNode(node)) return { at: node.range?.[1] ?? 0, text: `, ${text}` };
  return { at: (list.range?.[1] ?? 1) - 1, text };
}

/** Inserts lines after the line on which the last item of a list ends. */
function afterItem(text: string, list: YAMLSeq, block: (indent: string) => string, eol: string): Insertion {
  const [first, last] = [list.items[0], list.items.at(-1)];
  const dash = isNode(first) ? text.lastIndexOf("-", (first.range?.[0] ?? 0) - 1) : 0;
  const end = isNode(last) ? (last.range?.[1] ?? 0) : 0;
  const indent = text.slice(text.lastIndexOf("\n", dash) + 1, dash);
  return { at: afterLine(text, end), text: `${lineBefore(text.slice(0, afterLine(text, end)), eol)}${block(indent)}` };
}

/** Inserts lines after the line of the field, which has no value. */
function emptyField(text: string, { items }: YAMLMap, lines: string, eol: string): Insertion {
  const pair = items.find(({ key }) => isScalar(key) && key.value === field);
  const at = afterLine(text, isNode(pair?.key) ? (pair.key.range?.[1] ?? 0) : 0);
  return { at, text: `${lineBefore(text.slice(0, at), eol)}${lines}` };
}

/** Returns the end of the line around a place; the place itself if a line begins there. */
function afterLine(text: string, at: number): number {
  if (text[at - 1] === "\n") return at;
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
}

/** Returns the end of the text, or the position of the document's end mark. */
function endOf(text: string): number {
  return /^\.\.\.(?=\s|$)/m.exec(text)?.index ?? text.length;
}

function lineBefore(text: string, eol: string): string {
  return text === "" || text.endsWith("\n") || endOf(text) < text.length ? "" : eol;
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function indentAt(text: string, at: number): string {
  return text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
}

const json = (key: string): string => JSON.stringify(key);

/** Writes a key as an item of a list; its comment may hold any characters. */
function quoted(key: string): string {
  return /: |:$| #/.test(key) ? JSON.stringify(key) : key;
}
