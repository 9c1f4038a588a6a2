import { describe, expect, test } from "vitest";
import { userData, warningOf } from "../../../cli/manifest/cloud-init.ts";

const key = "ssh-ed25519 AAAA me";
const withKeys = (text: string, ...keys: readonly string[]) => userData(Buffer.from(text), keys);

// What is in brackets comes to a text that has the rest.
test.for([
  ["a number by eights", "write_files:\n- permissions: 0644\n  owner: yes\n⟦ssh_authorized_keys:\n  - KEY\n⟧"],
  ["odd indents and comments", "a:   1   # one\n\n\n# two\nb:\n        - x\n⟦ssh_authorized_keys:\n  - KEY\n⟧"],
  ["quotes, anchors and times", "a: &x '0644'\nb: *x\nc: 10:30\nd: \"\\u00e9\"\n⟦ssh_authorized_keys:\n  - KEY\n⟧"],
  ["a block of text", "a: |\n  text\n\n⟦ssh_authorized_keys:\n  - KEY\n⟧"],
  ["a block of text that keeps its ends", "a: |+\n  text\n\n⟦ssh_authorized_keys:\n  - KEY\n⟧"],
  ["a block of text without an end", "⟦ssh_authorized_keys:\n  - KEY\n⟧a: |\n  text"],
  ["a field that comes twice", "a: 1\na: 2\n⟦ssh_authorized_keys:\n  - KEY\n⟧"],
  ["the mark of a beginning", "---\na: 1\n⟦ssh_authorized_keys:\n  - KEY\n⟧"],
  ["the mark of an end", "a: 1\n⟦ssh_authorized_keys:\n  - KEY\n⟧...\n"],
  ["an indented map", "  a: 1\n  b: 2\n⟦  ssh_authorized_keys:\n    - KEY\n⟧"],
  ["nothing", "⟦ssh_authorized_keys:\n  - KEY\n⟧"],
  ["comments alone", "# nothing yet\n⟦ssh_authorized_keys:\n  - KEY\n⟧"],
  ["no end of a line", "# a\n⟦ssh_authorized_keys:\n  - KEY\n⟧a: 0644"],
  ["Windows' lines", "a: 1\r\n⟦ssh_authorized_keys:\r\n  - KEY\r\n⟧"],
  ["a list", "ssh_authorized_keys:\n- one # mine\n⟦- KEY\n⟧b: 0644\n"],
  ["an indented list", "ssh_authorized_keys:\n    -   one\n⟦    - KEY\n⟧b: 0644\n"],
  ["a list before a comment", "ssh_authorized_keys:\n  - one\n⟦  - KEY\n⟧\n# b\nb: 0644\n"],
  ["a list at the end", "ssh_authorized_keys:\n  - one⟦\n  - KEY\n⟧"],
  ["a list of blocks", "ssh_authorized_keys:\n  - |\n    one\n⟦  - KEY\n⟧b: 1\n"],
  ["a list in brackets", "ssh_authorized_keys: [one, 'two'⟦, \"KEY\"⟧, ] # mine\nb: 0644\n"],
  ["a list in brackets, on lines", 'ssh_authorized_keys: [\n  one⟦, "KEY"⟧ # mine\n]\nb: 0644\n'],
  ["an empty list", 'ssh_authorized_keys: [⟦"KEY"⟧]\nb: 0644\n'],
  ["an empty field", "ssh_authorized_keys: # none\n⟦  - KEY\n⟧b: 0644\n"],
  ["an empty field at the end", "b: 0644\nssh_authorized_keys:⟦\n  - KEY\n⟧"],
  ["a map in braces", '{a: 0644, b: {c: 1}⟦, ssh_authorized_keys: ["KEY"]⟧}\n'],
  ["an empty map in braces", '{⟦ssh_authorized_keys: ["KEY"]⟧}\n'],
] as const)("beside %s, keys are added and every other byte stays", ([, marked]) => {
  const text = `#cloud-config\n${marked.replaceAll("KEY", key)}`;
  expect(withKeys(text.replace(/⟦.*⟧/s, ""), key)).toBe(text.replaceAll(/[⟦⟧]/g, ""));
});

test("a key's comment may be anything", () => {
  expect(withKeys("#cloud-config\n", "ssh-rsa A x: y", "ssh-rsa B # z")).toBe(
    '#cloud-config\nssh_authorized_keys:\n  - "ssh-rsa A x: y"\n  - "ssh-rsa B # z"\n',
  );
  expect(userData(undefined, ["ssh-rsa A x:"])).toBe('#cloud-config\nssh_authorized_keys:\n  - "ssh-rsa A x:"\n');
});

test.for(["#Cloud-Config\n", "\n  #cloud-config # ours\n"])("%j is a configuration, as it is to cloud-init", (head) => {
  expect(withKeys(`${head}a: 0644\n`, key)).toBe(`${head}a: 0644\nssh_authorized_keys:\n  - ${key}\n`);
});

test.for([
  ["#!/bin/sh\n", /can be added to a "#cloud-config" only/],
  ["#cloud-config-archive\n- a\n", /can be added to a "#cloud-config" only/],
  ["#cloud-config\na: [\n", /^parsing --cloud-init: /],
  ["#cloud-config\n- a\n", /it is no map of fields/],
  ["#cloud-config\nssh_authorized_keys: mine\n", /ssh_authorized_keys of --cloud-init is no list/],
  ["#cloud-config\na: &k [one]\nssh_authorized_keys: *k\n", /there is no place for the keys/],
  ["#cloud-config\na: &k {ssh_authorized_keys: [one]}\n<<: *k\n", /there is no place for the keys/],
] as const)("in %j there is no place for keys", ([text, why]) => {
  expect(() => withKeys(text, key)).toThrow(why);
});

describe("who would be let in by nobody's key is told", () => {
  const keys = "ssh_authorized_keys: [a]\n";
  test.for([
    `users: [{name: me}]\n${keys}`,
    `users: []\n${keys}`,
    `users: me,you\n${keys}`,
    `users: {me: {}}\n${keys}`,
  ])("%j", (text) => {
    expect(warningOf(`#cloud-config\n${text}`)).toMatch(/"users" does not include that one/);
  });

  test.for([
    keys,
    "users: [{name: me}]\n",
    `users: [default, {name: me}]\n${keys}`,
    `users: [{name: me}, {name: default}]\n${keys}`,
    `users: me, default\n${keys}`,
    `users: {default: {}, me: {}}\n${keys}`,
    `user: {name: me}\nusers: [{name: you}]\n${keys}`,
    `users:\n${keys}`,
  ])("%j is as it should be", (text) => {
    expect(warningOf(`#cloud-config\n${text}`)).toBeUndefined();
  });

  test("of what is no configuration nothing is told", () => {
    expect(warningOf("#!/bin/sh\n")).toBeUndefined();
    expect(warningOf(Buffer.from([0xff]))).toBeUndefined();
    expect(warningOf(undefined)).toBeUndefined();
    expect(warningOf("#cloud-config\na: [")).toBeUndefined();
  });
});
