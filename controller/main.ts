#!/usr/bin/env node
import { hostname } from "node:os";
import { loadCredentials } from "../api/kube/credentials/load.ts";
import { apiOf } from "./api.ts";
import { jsonLog } from "./log.ts";
import { Program } from "./program.ts";
import { command, type Settings } from "./settings.ts";

const settings = command(hostname()).parse().opts<Settings>();
const log = jsonLog(settings.logLevel);

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    log("info", "ending", { signal });
    stop.abort();
  });
}

try {
  const credentials = await loadCredentials({ file: settings.kubeconfig, context: settings.context });
  log("info", "starting", { server: credentials.server.href, identity: settings.identity });
  const program = new Program(credentials, settings, log);
  await program.run(stop.signal, settings.port === 0 ? [] : [apiOf(program, settings, log)]);
  log("info", "ended");
} catch (error) {
  log("error", "ended by a failure", { error });
  process.exitCode = 1;
}
