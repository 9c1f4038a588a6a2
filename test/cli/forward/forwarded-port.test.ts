import { expect, test } from "vitest";
import { parseForwardedPort } from "../../../cli/forward/forwarded-port.ts";

test.each([
  ["8080:80", { protocol: "tcp", local: 8080, remote: 80 }],
  ["80", { protocol: "tcp", local: 80, remote: 80 }],
  [":22", { protocol: "tcp", local: 0, remote: 22 }],
  ["udp/5353:53", { protocol: "udp", local: 5353, remote: 53 }],
  ["tcp/80", { protocol: "tcp", local: 80, remote: 80 }],
])("%s is understood", (text, port) => expect(parseForwardedPort(text)).toEqual(port));

test.each(["", ":", "0", "80:", "65536", "80:0", "sctp/80", "tcp/", "a:b", "1:2:3"])("%o is refused", (text) =>
  expect(() => parseForwardedPort(text)).toThrow(`invalid port "${text}"`),
);
