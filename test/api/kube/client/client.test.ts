import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { ApiError, NetworkError, ProtocolError, TimeLimitError } from "../../../../api/kube/client/errors.ts";
import { aClient, aServer, aThing, json, refusal, things } from "../http-server.ts";

const ref = { name: "a" };

describe("what the server asks to repeat", () => {
  test.for([429, 503])("a %i with Retry-After is repeated, a write too", async (code) => {
    const { url, requests } = await aServer(refusal(code, "Busy", { "retry-after": "0" }), json(aThing("a")));
    await expect(aClient(url).create(things, aThing("a"))).resolves.toMatchObject({ kind: "Thing" });
    expect(requests).toHaveLength(2);
  });

  test("a 503 without Retry-After is not repeated", async () => {
    const { url, requests } = await aServer(refusal(503, "ServiceUnavailable"));
    await expect(aClient(url).get(things, ref)).rejects.toMatchObject({ code: 503 });
    expect(requests).toHaveLength(1);
  });

  test("a wait beyond the time limit is not begun", async () => {
    const { url, requests } = await aServer(refusal(429, "TooManyRequests", { "retry-after": "20" }));
    await expect(aClient(url, { timeLimit: 1000 }).get(things, ref)).rejects.toMatchObject({ retryAfter: 20_000 });
    expect(requests).toHaveLength(1);
  });

  test("a server that is always busy is asked a few times only", async () => {
    const { url, requests } = await aServer(refusal(429, "TooManyRequests", { "retry-after": "0" }));
    await expect(aClient(url).get(things, ref)).rejects.toBeInstanceOf(ApiError);
    expect(requests.length).toBeLessThanOrEqual(6);
  });
});

describe("a connection", () => {
  test("that is refused is tried again", async () => {
    const { url, server } = await aServer(json(aThing("a")));
    const { port } = url;
    server.close();
    await once(server, "close");
    const got = aClient(url).get(things, ref);
    server.listen(Number(port), "127.0.0.1");
    await expect(got).resolves.toMatchObject({ metadata: { name: "a" } });
  });

  test("that broke off after the request was sent is not: the server may have acted", async () => {
    const { url, requests } = await aServer((request) => request.socket.destroy());
    const error = await aClient(url)
      .create(things, aThing("a"))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ sent: true });
    expect(requests).toHaveLength(1);
  });

  test("that breaks off in the middle of an answer is a NetworkError", async () => {
    const { url } = await aServer((_request, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("{", () => response.destroy());
    });
    await expect(aClient(url).get(things, ref)).rejects.toBeInstanceOf(NetworkError);
  });

  test("is used again for the next request", async () => {
    const ports = new Set<number | undefined>();
    const { url } = await aServer((request, response) => {
      ports.add(request.socket.remotePort);
      json(aThing("a"))(request, response);
    });
    const client = aClient(url);
    for (let i = 0; i < 5; i += 1) await client.get(things, ref);
    expect(ports.size).toBe(1);
  });
});

describe("a request without an answer", () => {
  test("ends with its time limit", async () => {
    const { url } = await aServer(() => {});
    await expect(aClient(url).get(things, ref, { timeLimit: 30 })).rejects.toBeInstanceOf(TimeLimitError);
  });

  test("ends with its time limit when the connection does not even open", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const credentials = { server: new URL(`https://127.0.0.1:${port}`) };
    await expect(aClient(credentials.server).get(things, ref, { timeLimit: 30 })).rejects.toBeInstanceOf(
      TimeLimitError,
    );
    server.close();
  });

  test("ends with the time limit when the body stays out", async () => {
    const { url } = await aServer((_request, response) => void response.write("{"));
    await expect(aClient(url).get(things, ref, { timeLimit: 50 })).rejects.toBeInstanceOf(TimeLimitError);
  });

  test("ends with the signal's reason", async () => {
    const abort = new AbortController();
    const { url } = await aServer(() => abort.abort(new Error("enough")));
    await expect(aClient(url).get(things, ref, { signal: abort.signal })).rejects.toThrow("enough");
    await expect(aClient(url).get(things, ref, { signal: abort.signal })).rejects.toThrow("enough");
  });
});

test("a refusal carries the Status, and a plain text is shown as it is", async () => {
  const { url } = await aServer(refusal(409, "AlreadyExists"), refusal(409, "Conflict"), (_request, response) => {
    response.writeHead(500).end("the extension server is asleep\n");
  });
  const client = aClient(url);
  await expect(client.create(things, aThing("a"))).rejects.toMatchObject({ isAlreadyExists: true, isConflict: false });
  await expect(client.create(things, aThing("a"))).rejects.toMatchObject({ isAlreadyExists: false, isConflict: true });
  await expect(client.get(things, ref)).rejects.toThrow("the extension server is asleep");
});

test("an answer that is no JSON is a ProtocolError", async () => {
  const { url } = await aServer((_request, response) => void response.end("<html>"));
  await expect(aClient(url).get(things, ref)).rejects.toBeInstanceOf(ProtocolError);
});

test("after a 401 the request is sent once more with fresh credentials", async () => {
  const { url, requests } = await aServer(refusal(401, "Unauthorized"), json(aThing("a")));
  let asked = 0;
  const refused = async (): Promise<boolean> => {
    asked += 1;
    return true;
  };
  await expect(aClient(url, { refused }).get(things, ref)).resolves.toMatchObject({ kind: "Thing" });
  expect([asked, requests.length]).toEqual([1, 2]);
});

test("items of a list say what they are, and unknown fields survive", async () => {
  const list = { apiVersion: "v1", kind: "ThingList", metadata: {}, items: [{ spec: { unheardOf: 1 } }] };
  const { url, requests } = await aServer(json(list), json({ ...list, items: null }));
  const client = aClient(url);
  const { items } = await client.list(things, { namespace: "b", labelSelector: "a in (b,c)" });
  expect(items).toEqual([{ apiVersion: "v1", kind: "Thing", spec: { unheardOf: 1 } }]);
  expect(requests).toEqual(["GET /apis/tests.example.com/v1/namespaces/b/things?labelSelector=a+in+%28b%2Cc%29"]);
  expect((await client.list(things)).items).toEqual([]);
});

test("the server's warnings and the requests are told", async () => {
  const warning = '299 - "spec.\\"a\\" is deprecated", 299 - "so is b"';
  const { url } = await aServer(json(aThing("a"), 200, { warning }));
  const warnings: string[] = [];
  const statuses: number[] = [];
  const client = aClient(url, {
    onWarning: (text) => warnings.push(text),
    onRequest: ({ status }) => statuses.push(status),
  });
  await client.get(things, ref);
  expect(warnings).toEqual(['spec."a" is deprecated', "so is b"]);
  expect(statuses).toEqual([200]);
});

test("a server below a path is asked below it", async () => {
  const { url, requests } = await aServer(json(aThing("a")));
  await aClient(new URL("/k8s/clusters/c-1/", url)).get(things, ref);
  expect(requests).toEqual(["GET /k8s/clusters/c-1/apis/tests.example.com/v1/namespaces/default/things/a"]);
});
