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

/** The field of cloud-init's data with the keys of its default user. */
const field = "ssh_authorized_keys";

/** A place in a text, and what comes there. */
interface Insertion {
  readonly at: number;
  readonly text: string;
}

/**
 * cloud-init's data with keys for its default user added. Nothing else of the text changes: written anew, values are other
 * ones (`0644` is a number of other readers' YAML). Throws Failure where there is no place for the keys.
 */
export function addKeys(text: string, keys: readonly string[]): string {
  const before = parsed(text);
  const [error] = before.errors;
  if (error) throw new Failure(`parsing --cloud-init: ${error.message}`);
  const wanted = { ...fieldsOf(before), [field]: [...keysOf(before), ...keys] };
  for (const { at, text: added } of insertions(text, before, keys)) {
    const after = text.slice(0, at) + added + text.slice(at);
    const read = parsed(after);
    // What was meant is what is read, whatever the text's style: else another place, or none.
    if (read.errors.length === 0 && isDeepStrictEqual(fieldsOf(read), wanted)) return after;
  }
  throw new Failure(`--ssh-key: there is no place for the keys in --cloud-init; add them to its ${field} yourself`);
}

/** Reads it as cloud-init does: YAML 1.1, of whose keys the last counts. */
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

/** Where the keys may come, the best place first. */
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
  // A text without its last line's end may end in a value that would have one then.
  return text.endsWith("\n") ? [atEnd, atBeginning] : [atBeginning];
}

/** After the last item of a list or map in brackets. */
function inFlow(list: YAMLSeq | YAMLMap, items: readonly string[]): Insertion {
  const last: unknown = list.items.at(-1);
  const node = isPair(last) ? (last.value ?? last.key) : last;
  const text = items.join(", ");
  if (isNode(node)) return { at: node.range?.[1] ?? 0, text: `, ${text}` };
  return { at: (list.range?.[1] ?? 1) - 1, text };
}

/** Lines after that on which the last item of a list ends. */
function afterItem(text: string, list: YAMLSeq, block: (indent: string) => string, eol: string): Insertion {
  const [first, last] = [list.items[0], list.items.at(-1)];
  const dash = isNode(first) ? text.lastIndexOf("-", (first.range?.[0] ?? 0) - 1) : 0;
  const end = isNode(last) ? (last.range?.[1] ?? 0) : 0;
  const indent = text.slice(text.lastIndexOf("\n", dash) + 1, dash);
  return { at: afterLine(text, end), text: `${lineBefore(text.slice(0, afterLine(text, end)), eol)}${block(indent)}` };
}

/** Lines after that of the field, which has no value. */
function emptyField(text: string, { items }: YAMLMap, lines: string, eol: string): Insertion {
  const pair = items.find(({ key }) => isScalar(key) && key.value === field);
  const at = afterLine(text, isNode(pair?.key) ? (pair.key.range?.[1] ?? 0) : 0);
  return { at, text: `${lineBefore(text.slice(0, at), eol)}${lines}` };
}

/** Where the line ends on which a place lies; the place itself where a line begins. */
function afterLine(text: string, at: number): number {
  if (text[at - 1] === "\n") return at;
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
}

/** The text's end, or the mark of the document's. */
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

/** A key as an item of a list; its comment may be anything. */
function quoted(key: string): string {
  return /: |:$| #/.test(key) ? JSON.stringify(key) : key;
}
