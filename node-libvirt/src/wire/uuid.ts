import type { Shape } from "./shape.ts";

const pattern = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** A UUID: 16 raw bytes on the wire, `8-4-4-4-12` lower-case hex for the program. */
export const uuid: Shape<string> = {
  size: 16,
  write(to, value) {
    if (!pattern.test(value)) throw new TypeError(`not a UUID: ${JSON.stringify(value)}`);
    to.fixedOpaque(Buffer.from(value.replaceAll("-", ""), "hex"));
  },
  read(from) {
    const hex = from.fixedOpaque(16).toString("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  },
};
