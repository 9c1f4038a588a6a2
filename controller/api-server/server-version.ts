import type { KubeClient } from "../../api/kube/client/client.ts";

/** Milliseconds that an answer stays valid: any client may ask for our health, and each request would cost one more. */
const lasts = 10_000;

/** Asks the API server for its version, at most once per `lasts`; one request serves all waiting callers. */
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
