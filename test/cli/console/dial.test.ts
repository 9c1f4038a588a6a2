import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { dial } from "../../../cli/console/dial.ts";
import { errorText } from "../../../cli/error-text.ts";
import { aClient, aServer } from "../../api/kube/http-server.ts";

const full =
  'user "ann" has 80 connections (consoles, screens, ports, logs) at this node, the most that a user may have';

function refuse(response: ServerResponse, code: number, reason: string, message: string): void {
  const status = { kind: "Status", apiVersion: "v1", status: "Failure", metadata: {}, code, reason, message };
  response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(status));
}

test("who has too many connections is told the limit; who had one before waits for room, and is told what for", async () => {
  const { url, requests } = await aServer(
    (_, response) => refuse(response, 429, "TooManyRequests", full),
    (_, response) => refuse(response, 429, "TooManyRequests", full),
    (_, response) => refuse(response, 429, "TooManyRequests", full),
    (_, response) => refuse(response, 403, "Forbidden", "no more"),
  );
  const client = aClient(url);
  const said: string[] = [];
  const options = {
    name: "web",
    path: "/console",
    signal: AbortSignal.timeout(20_000),
    say: (text: string) => said.push(text),
  };
  const first = dial(client, { ...options, again: false });
  await expect(first.catch(errorText)).resolves.toBe(`Error from server (TooManyRequests): ${full}`);
  await expect(dial(client, { ...options, again: true })).rejects.toThrow("no more");
  expect(said).toEqual([`${full}; waiting`]);
  expect(requests).toHaveLength(4);
});
