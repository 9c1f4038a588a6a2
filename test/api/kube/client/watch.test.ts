import { expect, test } from "vitest";
import { NetworkError, ProtocolError, TimeLimitError } from "../../../../api/kube/client/errors.ts";
import { watch } from "../../../../api/kube/client/watch.ts";
import { aClient, aServer, aThing, type Handler, refusal, things } from "../http-server.ts";

/** Sends lines, and leaves the connection open. */
const lines =
  (...values: readonly (object | string)[]): Handler =>
  (_request, response) => {
    for (const value of values) response.write(`${typeof value === "string" ? value : JSON.stringify(value)}\n`);
  };

const added = { type: "ADDED", object: aThing("a", "5") };

/** The events until a watch ends, and how it ended. */
async function watched(handler: Handler, options: object = {}): Promise<{ events: string[]; error: unknown }> {
  const { url } = await aServer(handler);
  const events: string[] = [];
  try {
    const stream = watch(aClient(url), things, { resourceVersion: "1", ...options });
    for await (const { type, object } of stream) events.push(`${type} ${object.metadata?.resourceVersion}`);
    return { events, error: undefined };
  } catch (error) {
    return { events, error };
  }
}

test("an error in the stream ends the watch with what the server says", async () => {
  const gone = { type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired", message: "too old" } };
  const { events, error } = await watched(lines(added, gone));
  expect(events).toEqual(["ADDED 5"]);
  expect(error).toMatchObject({ name: "ApiError", isExpired: true, message: "too old" });
});

test("a refusal before the stream ends it, too", async () => {
  expect((await watched(refusal(410, "Expired"))).error).toMatchObject({ isExpired: true });
});

test("a connection that breaks is a NetworkError, after the events that came", async () => {
  const { events, error } = await watched((_request, response) => {
    response.write(`${JSON.stringify(added)}\n{"type":`, () => response.destroy());
  });
  expect(events).toEqual(["ADDED 5"]);
  expect(error).toBeInstanceOf(NetworkError);
});

test("a stream that ends in the middle of a line, or has no event in a line, is a ProtocolError", async () => {
  const ended = await watched((_request, response) => void response.end('{"type":'));
  expect(ended.error).toBeInstanceOf(ProtocolError);
  for (const line of ["null", "5", "{}", '{"type":"ADDED","object":null}', "not JSON"]) {
    expect((await watched(lines(line))).error, line).toBeInstanceOf(ProtocolError);
  }
});

test("a silent connection ends, one with bookmarks does not", async () => {
  const { error } = await watched(lines(added), { stall: 30 });
  expect(error).toBeInstanceOf(TimeLimitError);

  const { events } = await watched(
    (_request, response) => {
      let count = 0;
      const timer = setInterval(() => {
        count += 1;
        response.write(`${JSON.stringify({ type: "BOOKMARK", object: aThing("", String(count)) })}\n`);
        if (count === 8) response.end();
        if (count === 8) clearInterval(timer);
      }, 150);
    },
    { stall: 1000 },
  );
  expect(events).toHaveLength(8);
});

test("the signal ends a watch that waits, with its reason", async () => {
  const abort = new AbortController();
  const { error } = await watched(
    (_request, response) => {
      response.flushHeaders();
      setImmediate(() => abort.abort(new Error("enough")));
    },
    { signal: abort.signal },
  );
  expect(error).toMatchObject({ message: "enough" });
});

test("who stops reading ends the connection", async () => {
  const closed = Promise.withResolvers<void>();
  const { url } = await aServer((request, response) => {
    request.socket.on("close", () => closed.resolve());
    lines(added)(request, response);
  });
  for await (const { type } of watch(aClient(url), things, { resourceVersion: "1" })) {
    expect(type).toBe("ADDED");
    break;
  }
  await closed.promise;
});
