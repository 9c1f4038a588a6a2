import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { bodyOf, type Fields } from "../../../controller/api-server/body.ts";

const read = (text: string): Promise<Fields> => bodyOf(Readable.from([Buffer.from(text)]));

test.for([
  ["JSON", '{"kind":"VirtualMachine"}'],
  ["YAML", "kind: VirtualMachine\n"],
])("%s is read", async ([, text]) => {
  expect(await read(text!)).toEqual({ kind: "VirtualMachine" });
});

test("YAML that would hold up everybody else is refused; as JSON it is read", async () => {
  const fields = Object.fromEntries(Array.from({ length: 40_000 }, (_, number) => [`key${number}`, 1]));
  const yaml = Object.keys(fields)
    .map((key) => `${key}: 1\n`)
    .join("");
  await expect(read(yaml)).rejects.toMatchObject({
    code: 413,
    message: "the body is larger than 262144 bytes and not JSON",
  });
  expect(await read(JSON.stringify(fields))).toEqual(fields);
});

test("a body that is larger than any object is refused", async () => {
  await expect(read(JSON.stringify({ text: "x".repeat(2_000_000) }))).rejects.toMatchObject({ code: 413 });
});
