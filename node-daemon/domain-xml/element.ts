/** An XML element. Attributes and children that are undefined or false are left out. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, Value>>;
  readonly children: readonly Child[];
}

type Value = string | number | bigint | undefined;
/** The content of an element. Lists are flattened. */
export type Child = Element | string | number | bigint | undefined | false | readonly Child[];

/** Makes an element. */
export function element(name: string, attributes: Readonly<Record<string, Value>> = {}, ...children: Child[]): Element {
  return { name, attributes, children };
}

/** The element as XML, indented by two spaces. Throws for control characters, which XML cannot hold. */
export function render(root: Element, indent = ""): string {
  const attributes = Object.entries(root.attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}='${escape(String(value))}'`)
    .join("");
  const children = flat(root.children);
  if (children.length === 0) return `${indent}<${root.name}${attributes}/>`;
  const texts = children.filter((child) => typeof child !== "object");
  if (texts.length === children.length) {
    return `${indent}<${root.name}${attributes}>${escape(texts.join(""))}</${root.name}>`;
  }
  const lines = children.map((child) =>
    typeof child === "object" ? render(child, `${indent}  `) : `${indent}  ${escape(child)}`,
  );
  return [`${indent}<${root.name}${attributes}>`, ...lines, `${indent}</${root.name}>`].join("\n");
}

function flat(children: readonly Child[]): (Element | string)[] {
  return children.flatMap((child): (Element | string)[] => {
    if (child === undefined || child === false) return [];
    if (isList(child)) return flat(child);
    return [typeof child === "object" ? child : String(child)];
  });
}

function isList(child: Child): child is readonly Child[] {
  return Array.isArray(child);
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&apos;",
  '"': "&quot;",
  "\n": "&#10;",
  "\t": "&#9;",
  "\r": "&#13;",
};

function escape(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what must not get through
  const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.exec(text);
  if (illegal) throw new TypeError(`${JSON.stringify(text)} has a character that XML cannot hold`);
  return text.replace(/[&<>'"\n\t\r]/g, (character) => entities[character] ?? character);
}
