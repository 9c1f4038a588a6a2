import { type Command, Option } from "commander";
import { openWebSocket } from "../../api/kube/client/websocket.ts";
import { instancePath } from "../../api/sub-resources.ts";
import type { Cli } from "../cli.ts";
import { examples, type Runner } from "../command.ts";
import { protocols } from "../console/dial.ts";
import { errorText } from "../error-text.ts";
import { Failure } from "../failure.ts";
import { port } from "../flags/values.ts";
import { startProxy } from "../forward/connections.ts";
import { runningInstance } from "../forward/running.ts";
import { oneTarget } from "../target/target.ts";
import { configureScreenshot } from "../vnc/screenshot.ts";
import { findViewer, view } from "../vnc/viewer.ts";
import { interrupted } from "../wait/interrupted.ts";

interface VncFlags {
  proxyOnly?: boolean;
  port: number;
  viewer?: string;
  exclusive?: boolean;
}

/** `kubectl virt vnc`. */
export function configure(command: Command, run: Runner): void {
  command
    .usage("NAME [flags]\n       kubectl virt vnc screenshot NAME [flags]")
    .argument("<name...>", "a virtual machine: NAME, vm/NAME[/NAMESPACE], vmi/…")
    .addOption(
      new Option("--port <port>", "the local port to listen on").argParser(port).default(0, "any that is free"),
    )
    .option("--proxy-only", "start no viewer; print the port as JSON and serve it until interrupted")
    .option("--exclusive", "disconnect the other viewers; by default, all share the screen")
    .option("--viewer <program>", "the viewer to start, instead of the first one found")
    .action(run(vnc));
  configureScreenshot(command, run);
  examples(
    command,
    ["See the screen, in the first viewer that is found", "kubectl virt vnc web"],
    ["Only a local port for a viewer of your own", "kubectl virt vnc web --proxy-only --port 5900"],
    ["A picture of the screen", "kubectl virt vnc screenshot web --file web.png"],
  );
}

async function vnc(cli: Cli, flags: VncFlags, args: readonly string[]): Promise<void> {
  const { proxyOnly, port: asked, viewer, exclusive = false } = flags;
  const target = oneTarget(args);
  const { name } = target;
  const client = (await cli.client()).within(target.namespace);
  // Find a missing viewer, or a machine without a screen, before a port opens.
  const found = proxyOnly ? undefined : await findViewer(viewer);
  const instance = await runningInstance(client, target, cli.signal);
  if (instance?.spec.domain.devices?.autoattachGraphicsDevice === false) throw new Failure(`${name} has no screen`);
  const path = `${instancePath({ namespace: client.namespace, name }, "vnc")}${exclusive ? "" : "?shared=true"}`;
  const proxy = await startProxy({
    port: asked,
    dial: (signal) => openWebSocket(client, path, { protocols, signal }),
    onError: (error) => cli.say(errorText(error)),
  });
  try {
    if (found) {
      cli.say(`Screen of ${name} at 127.0.0.1:${proxy.port}, shown by ${found.path}`);
      await view(found, proxy.port, cli.signal);
    } else {
      await cli.print(JSON.stringify({ port: proxy.port }));
      await interrupted(cli.signal);
    }
  } finally {
    await proxy.close();
  }
}
