import { type DaemonSetting, runDaemon } from "./running-daemon.ts";

// Runs a daemon's relay and server in a separate process: prints its port, and stops in order on SIGTERM.
const setting = JSON.parse(process.argv[2] ?? "") as DaemonSetting;
const daemon = await runDaemon(setting);
process.stdout.write(`${daemon.server.port}\n`);
process.on("SIGTERM", () => void daemon.stop("the node daemon restarts"));
