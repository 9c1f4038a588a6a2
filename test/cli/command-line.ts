import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach } from "vitest";
import { Ended } from "../../cli/failure.ts";
import type { Io } from "../../cli/io.ts";
import { run } from "../../cli/run.ts";
import { FakeApi } from "../e2e/cli/fake-api.ts";
import type { Run } from "../e2e/cli/plugin.ts";

/** Runs command lines in this process, with its modules already loaded, against an API that the test plays. */
export class CommandLine {
  api = new FakeApi();
  kubeconfig = "";

  /** Runs a command line to its end, with pipes and empty input. */
  run(...words: readonly string[]): Promise<Run> {
    return this.runUntil(() => false, ...words);
  }

  /** Runs a command line and interrupts it when it has printed enough. */
  async runUntil(isEnough: (printed: string) => boolean, ...words: readonly string[]): Promise<Run> {
    const interrupt = new AbortController();
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    let seen = "";
    for (const stream of [stdout, stderr]) {
      stream.on("data", (bytes: Buffer) => {
        seen += bytes.toString();
        if (isEnough(seen)) interrupt.abort(new Ended(130));
      });
    }
    stdin.end();
    const printed = Promise.all([text(stdout), text(stderr)]);
    const io = { stdin, stdout, stderr } as unknown as Io;
    const code = await run([`--kubeconfig=${this.kubeconfig}`, ...words], io, interrupt.signal);
    stdout.end();
    stderr.end();
    const [out, err] = await printed;
    return { code, stdout: out, stderr: err };
  }
}

/** Gives each test of a file a new API without requests. */
export function useCommandLine(): CommandLine {
  const line = new CommandLine();
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "kubectl-virt-"));
    line.api = await FakeApi.start();
    line.kubeconfig = await line.api.kubeconfig(join(folder, "kubeconfig"));
  });
  afterEach(async () => {
    await line.api[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  return line;
}
