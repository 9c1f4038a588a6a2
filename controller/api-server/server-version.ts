import type { KubeClient } from "../../api/kube/client/client.ts";

/** Milliseconds for which an answer counts: everybody may ask for our health, and each time we would ask. */
const lasts = 10_000;

/** Asks the API server for its version, at most so often; one question serves all who wait. */
export function serverVersion(client: KubeClient, now = () => performance.now()): () => Promise<object> {
  let last: { readonly asked: number; readonly answer: Promise<object> } | undefined;
  return () => {
    if (!last || now() - last.asked > lasts) last = { asked: now(), answer: ask(client) };
    return last.answer;
  };
}

async function ask(client: KubeClient): Promise<object> {
  const { body } = await client.raw("GET", "/version", { timeLimit: 5000 });
  const version: object = JSON.parse(body.toString("utf8"));
  return version;
}
