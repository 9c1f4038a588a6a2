import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { KubeClient } from "../../../api/kube/client/client.ts";
import { LeadershipLostError } from "../../../api/kube/client/errors.ts";
import { type LeaderOptions, lead } from "../../../api/kube/leader/leader.ts";
import { type Lease, leases } from "../../../api/kube/leader/lease.ts";
import { cluster, eventually, useNamespace } from "../cluster.ts";
import { aClient, administrator } from "./kube.ts";
import { TcpProxy } from "./tcp-proxy.ts";

const { name: namespace } = useNamespace("leader");
const program = fileURLToPath(new URL("fixtures/candidate.ts", import.meta.url));
const leaseSeconds = 4;
let direct: KubeClient;

beforeAll(async () => {
  direct = await aClient();
});

const leaseOf = (name: string): Promise<Lease> => direct.get(leases, { namespace, name });
const holderOf = async (name: string): Promise<string | undefined> => (await leaseOf(name)).spec?.holderIdentity;

/** A candidate in this process, and when it began and ended to lead. */
function aCandidate(name: string, identity: string, client: KubeClient, options: Partial<LeaderOptions> = {}) {
  const stop = new AbortController();
  const leading = Promise.withResolvers<number>();
  const stopped = Promise.withResolvers<number>();
  const work = (signal: AbortSignal): Promise<void> => {
    leading.resolve(performance.now());
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => {
        stopped.resolve(performance.now());
        resolve();
      });
    });
  };
  const ended = lead(client, { namespace, name, identity, leaseSeconds, ...options }, work, stop.signal);
  ended.catch(() => {});
  onTestFinished(async () => {
    stop.abort(new Error("stopped"));
    await ended.catch(() => {});
    client.close();
  });
  return { stop, ended, leading: leading.promise, stopped: stopped.promise };
}

/** A candidate in a process of its own, and when it said what. */
function aProcess(name: string, identity: string): { child: ChildProcess; said: (word: string) => Promise<number> } {
  const child = spawn(process.execPath, [program, cluster.kubeconfig, namespace, name, identity], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const words = new Map<string, number>();
  createInterface(child.stdout).on("line", (word) => words.set(word, performance.now()));
  onTestFinished(() => void child.kill("SIGKILL"));
  const said = (word: string): Promise<number> =>
    eventually(async () => {
      const at = words.get(word);
      if (at === undefined)
        throw new Error(`${identity} did not say "${word}"; it said ${[...words.keys()].join(", ")}`);
      return at;
    });
  return { child, said };
}

describe("of two candidates", () => {
  test("one leads, and the other at once when the first has stopped", async () => {
    const first = aCandidate("release", "first", await aClient());
    await first.leading;
    const second = aCandidate("release", "second", await aClient());
    expect(await holderOf("release")).toBe("first");
    const renewed = (await leaseOf("release")).spec?.renewTime;
    await eventually(async () => expect((await leaseOf("release")).spec?.renewTime).not.toBe(renewed));
    expect(renewed).toMatch(/T[\d:]+\.\d{6}Z$/);
    expect(await holderOf("release")).toBe("first");
    first.stop.abort();
    await first.ended;
    const stopped = await first.stopped;
    // It does not wait until the Lease is over.
    expect((await second.leading) - stopped).toBeLessThan(leaseSeconds * 1000);
    expect((await leaseOf("release")).spec).toMatchObject({ holderIdentity: "second", leaseTransitions: 1 });
  });

  test("one is killed, and the other leads once the Lease is over", async () => {
    const first = aProcess("killed", "first");
    await first.said("leading");
    const second = aProcess("killed", "second");
    await second.said("candidate");
    const killed = performance.now();
    first.child.kill("SIGKILL");
    const taken = await second.said("leading");
    // The Lease's time, and what a busy machine adds.
    expect(taken - killed).toBeLessThan(2 * leaseSeconds * 1000);
    second.child.kill("SIGTERM");
    await second.said("released");
    expect(await holderOf("killed")).toBeUndefined();
  });

  test("one is frozen, the other takes over, and the first hears of it when it goes on", async () => {
    const first = aProcess("stopped", "first");
    await first.said("leading");
    const second = aProcess("stopped", "second");
    await second.said("candidate");
    first.child.kill("SIGSTOP");
    await second.said("leading");
    first.child.kill("SIGCONT");
    await first.said("LeadershipLostError");
    expect(await holderOf("stopped")).toBe("second");
  });

  test("one is cut off: it steps down before the other leads", async () => {
    await using proxy = await TcpProxy.start((await administrator()).server);
    const first = aCandidate("cut-off", "first", await aClient({ server: proxy.url }));
    await first.leading;
    const second = aCandidate("cut-off", "second", await aClient());
    proxy.freeze();
    const [stopped, taken] = await Promise.all([first.stopped, second.leading]);
    expect(stopped).toBeLessThan(taken);
    await expect(first.ended).rejects.toBeInstanceOf(LeadershipLostError);
  });

  test("one is cut off for a moment, and goes on leading", async () => {
    await using proxy = await TcpProxy.start((await administrator()).server);
    const first = aCandidate("moment", "first", await aClient({ server: proxy.url }), {
      leaseSeconds: 15,
      renewEvery: 1500,
    });
    await first.leading;
    aCandidate("moment", "second", await aClient());
    for (let cut = 0; cut < 5; cut += 1) {
      const renewed = (await leaseOf("moment")).spec?.renewTime;
      proxy.cut();
      await eventually(async () => expect((await leaseOf("moment")).spec?.renewTime).not.toBe(renewed));
    }
    expect((await leaseOf("moment")).spec).toMatchObject({ holderIdentity: "first", leaseTransitions: 0 });
  });
});

test("of five candidates that begin at once, one leads at a time", async () => {
  const candidates = await Promise.all(
    Array.from({ length: 5 }, async (_, index) => aCandidate("many", `number-${index}`, await aClient())),
  );
  let leading = 0;
  const terms = candidates.map(async (candidate) => {
    await candidate.leading;
    leading += 1;
    expect(leading).toBe(1);
    candidate.stop.abort();
    await candidate.stopped;
    leading -= 1;
    await candidate.ended;
  });
  await Promise.all(terms);
  expect((await leaseOf("many")).spec?.leaseTransitions).toBe(4);
});

test("a candidate that stops before it leads ends with the signal's reason", async () => {
  const first = aCandidate("patient", "first", await aClient());
  await first.leading;
  const second = aCandidate("patient", "second", await aClient());
  second.stop.abort(new Error("enough"));
  await expect(second.ended).rejects.toThrow("enough");
});
