import { assert, boolean, constantFrom, integer, oneof, option, property, record, string } from "fast-check";
import { expect, test } from "vitest";
import { type DaemonAction, methodOf, parseRequest, pathOfRequest } from "../../../api/contract/daemon-request.ts";

const action = oneof(
  record({ kind: constantFrom("console"), readOnly: boolean() }),
  record({ kind: constantFrom("console-log"), follow: boolean(), previous: boolean() }),
  record({ kind: constantFrom("vnc"), preserveSession: boolean(), shared: boolean() }),
  record({ kind: constantFrom("screenshot"), moveCursor: boolean() }),
  record({
    kind: constantFrom("port-forward"),
    port: integer({ min: 1, max: 65_535 }),
    protocol: constantFrom("tcp", "udp"),
  }),
  record({
    kind: constantFrom("operation"),
    operation: constantFrom("pause", "unpause", "softreboot", "reset", "unfreeze"),
  }),
  option(integer({ min: 1, max: 9_999_999_999 }), { nil: undefined }).map((seconds) => ({
    kind: "operation" as const,
    operation: "freeze" as const,
    ...(seconds === undefined ? {} : { thawAfterSeconds: seconds }),
  })),
);

test("each request is read as it was written, for any user and name", () => {
  const name = string({ minLength: 1, unit: "grapheme" }).filter((text) => text !== "." && text !== "..");
  const requests = record({ namespace: name, name, user: string({ unit: "grapheme" }), action });
  assert(
    property(requests, (request) => {
      const url = new URL(pathOfRequest(request), "https://daemon");
      expect(parseRequest(methodOf(request.action as DaemonAction), url)).toEqual(request);
    }),
  );
});
