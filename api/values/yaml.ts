import { type ParseOptions, parseAllDocuments, type ScalarTag, stringify, type Tags } from "yaml";

/** The text is not YAML; the message says where. */
export class YamlError extends Error {
  override readonly name = "YamlError";
}

/**
 * Parses the documents of a text as kubectl does, with Go's YAML: 1.1 with the octal numbers of 1.2, and without its
 * times. So `yes` is true, `0644` is 420, and `12:30` is text. For a repeated key the last value counts. Text that
 * begins with a brace is JSON, and several JSON values may follow one another. Throws YamlError.
 */
export function parseYaml(text: string): unknown[] {
  return pieces(text).flatMap((piece) =>
    parseAllDocuments(piece, options).map((document) => {
      const [error] = document.errors;
      if (error) throw new YamlError(error.message, { cause: error });
      return document.toJS() as unknown;
    }),
  );
}

/** A value as YAML that readers of 1.1 and of 1.2 understand alike: text such as `yes` and `0o17` is in quotes. */
export function printYaml(value: object): string {
  return stringify(value, { compat: "yaml-1.1", lineWidth: 0, aliasDuplicateObjects: false });
}

const int = "tag:yaml.org,2002:int";

const octal: ScalarTag = {
  tag: int,
  default: true,
  test: /^[-+]?0o[0-7_]+$/,
  resolve: (text) => Number(text.replaceAll(/[-+_]/g, "")) * (text.startsWith("-") ? -1 : 1),
};

/** A single point, which YAML 1.1 takes for a number. */
const point: ScalarTag = {
  tag: "tag:yaml.org,2002:str",
  default: true,
  test: /^[-+]?\.$/,
  resolve: (text) => text,
};

/** Bytes, which JSON cannot represent. */
const binary: ScalarTag = {
  tag: "tag:yaml.org,2002:binary",
  resolve: (text) => Buffer.from(text, "base64").toString("utf8"),
};

const options: ParseOptions & { version: "1.1"; uniqueKeys: boolean; customTags: (tags: Tags) => Tags } = {
  version: "1.1",
  uniqueKeys: false,
  customTags: (tags) => [octal, point, ...tags.filter((tag) => !isLeftOut(tag)), binary],
};

function isLeftOut(tag: Tags[number]): boolean {
  if (typeof tag === "string") return false;
  const isTime = "format" in tag && tag.format === "TIME";
  return isTime || tag.tag === "tag:yaml.org,2002:timestamp" || tag.tag === binary.tag;
}

/** The JSON values of a text; any other text as it is. */
function pieces(text: string): string[] {
  if (!/^\uFEFF?\s*\{/.test(text)) return [text];
  const found: string[] = [];
  let depth = 0;
  let begin = 0;
  // A string is one token, so that braces in it do not count.
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/gs)) {
    if (token === "{") depth += 1;
    if (token !== "}") continue;
    depth -= 1;
    if (depth > 0) continue;
    found.push(text.slice(begin, index + 1));
    begin = index + 1;
  }
  const rest = text.slice(begin);
  // The rest may be a YAML document, or the incomplete part of a value.
  if (rest.trim() !== "") found.push(rest);
  return found;
}
