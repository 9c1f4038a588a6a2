#!/usr/bin/env node
import { endedBySignals } from "./cli.ts";
import { write } from "./io.ts";
import { run } from "./run.ts";

// A reader that went away (`| head`) is told by the failing write, not by an exception.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

const code = await run(process.argv.slice(2), process, endedBySignals());
// Whatever is still open (a terminal, a request that nobody waits for) must not keep the program alive; its output must.
await Promise.allSettled([write(process.stdout, ""), write(process.stderr, "")]);
process.exit(code);
