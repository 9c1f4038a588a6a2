#!/usr/bin/env node
import { endedBySignals } from "./cli.ts";
import { write } from "./io.ts";
import { run } from "./run.ts";

// If the reader has left (`| head`), the write fails; it need not throw as well.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

const code = await run(process.argv.slice(2), process, endedBySignals());
// Wait for the output, but not for open things such as a terminal or an unneeded request.
await Promise.allSettled([write(process.stdout, ""), write(process.stderr, "")]);
process.exit(code);
