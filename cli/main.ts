#!/usr/bin/env node
import { endedBySignals } from "./cli.ts";
import { run } from "./run.ts";

// A reader that went away (`| head`) is told by the failing write, not by an exception.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

process.exitCode = await run(process.argv.slice(2), process, endedBySignals());
// A terminal that is still open would keep the program alive.
process.stdin.destroy();
