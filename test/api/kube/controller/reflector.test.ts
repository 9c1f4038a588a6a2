import { expect, onTestFinished, test } from "vitest";
import { Reflector } from "../../../../api/kube/controller/reflector.ts";
import { aClient, aServer, type Handler, json, things } from "../http-server.ts";

const list: Handler = json({ kind: "ThingList", metadata: { resourceVersion: "1" }, items: [] });

/** Opens a watch and leaves it open. */
const open: Handler = (_request, response) => response.writeHead(200).flushHeaders();

/** A reflector that runs until the test ends. */
async function aReflector(...handlers: readonly [Handler, ...Handler[]]) {
  const { url, server, requests } = await aServer(...handlers);
  const stop = new AbortController();
  const reflector = new Reflector(aClient(url), things, { backoff: { base: 5, max: 5 } });
  const running = reflector.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  return { reflector, server, requests };
}

test("it is in touch from the moment on that its watch is open, and not while the server is away", async () => {
  const { reflector, server } = await aReflector(list, open, json({ kind: "Status", code: 500 }, 500), open);
  expect(reflector.inTouchSince).toBeUndefined();
  await expect.poll(() => reflector.inTouchSince).toBeTypeOf("number");
  const first = reflector.inTouchSince;
  expect(reflector.trouble).toBeUndefined();
  server.closeAllConnections();
  await expect.poll(() => reflector.inTouchSince !== undefined && reflector.inTouchSince !== first).toBe(true);
  expect(reflector.trouble).toBeUndefined();
});

test("what keeps it from hearing of changes is known", async () => {
  const { reflector } = await aReflector(json({ kind: "Status", code: 403, message: "not you" }, 403));
  await expect.poll(() => reflector.trouble).toMatchObject({ message: "not you" });
  expect(reflector.inTouchSince).toBeUndefined();
});

test("a watch that the server ends in order, and one whose version it has forgotten, break nothing off", async () => {
  const ends: Handler = (_request, response) => void response.writeHead(200).end();
  const gone = json({ kind: "Status", code: 410, reason: "Expired" }, 410);
  const { reflector, requests } = await aReflector(list, ends, gone, list, open);
  await expect.poll(() => reflector.inTouchSince).toBeTypeOf("number");
  const since = reflector.inTouchSince;
  await expect.poll(() => requests.length).toBe(5);
  expect(reflector).toMatchObject({ inTouchSince: since, trouble: undefined });
});
