import { once } from "node:events";
import { createServer } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { Budget } from "../../../api/serving/budget.ts";
import { type Evictions, respondEviction } from "../../../controller/api-server/evictions.ts";
import { refusalOf } from "../../../controller/api-server/response.ts";

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** Asks about an eviction, and returns the answer and what was decided of. */
async function ask(
  request: object,
  { user = "system:apiserver", obstacle }: { user?: string; obstacle?: string } = {},
) {
  const decided: unknown[] = [];
  const evictions: Evictions = {
    obstacle: async (pod, dryRun) => {
      decided.push([pod, dryRun]);
      return obstacle;
    },
  };
  const server = createServer((incoming, response) => {
    const holding = new Budget({ bytes: 1e6, kept: 0 }).holding();
    respondEviction(
      evictions,
      { name: user, groups: ["system:masters"], extra: {} },
      incoming,
      response,
      holding,
    ).catch((error: unknown) => {
      response.writeHead(refusalOf(error).code).end(refusalOf(error).message);
    });
  }).listen(0, "127.0.0.1");
  cleanUps.push(() => server.close());
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: JSON.stringify({ request }) });
  return { status: answer.status, text: await answer.text(), decided };
}

const asked = { uid: "u-1", namespace: "default", name: "virt-launcher-web-0a1b2" };
const pod = { namespace: "default", name: asked.name };

describe("an eviction", () => {
  test("is let through where nothing is in its way", async () => {
    const { text, decided } = await ask(asked);
    expect(JSON.parse(text)).toEqual({
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      response: { uid: "u-1", allowed: true },
    });
    expect(decided).toEqual([[pod, false]]);
  });

  test("that has to wait is refused with the code after which drains ask again", async () => {
    const { text } = await ask(asked, { obstacle: "it leaves" });
    const status = { code: 429, reason: "TooManyRequests", message: "it leaves" };
    expect(JSON.parse(text).response).toEqual({ uid: "u-1", allowed: false, status });
  });

  test.for([{ dryRun: true }, { object: { deleteOptions: { dryRun: ["All"] } } }])(
    "that is only tried is known by its query and by its body: %j",
    async (trial) => {
      expect((await ask({ ...asked, ...trial })).decided).toEqual([[pod, true]]);
    },
  );

  test("is nothing that anybody but the API server can tell of", async () => {
    expect(await ask(asked, { user: "admin" })).toMatchObject({ status: 403, decided: [] });
  });

  test("of no pod is no request", async () => {
    expect(await ask({ uid: "u-1" })).toMatchObject({ status: 400, decided: [] });
  });
});
