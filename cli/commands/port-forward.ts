import { type Command, Option } from "commander";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { openWebSocket } from "../../api/kube/client/websocket.ts";
import type { Cli } from "../cli.ts";
import { examples, type Runner } from "../command.ts";
import { protocols } from "../console/dial.ts";
import { errorText } from "../error-text.ts";
import { Failure } from "../failure.ts";
import { startProxy } from "../forward/connections.ts";
import { forwardDatagrams } from "../forward/datagrams.ts";
import { type ForwardedPort, parseForwardedPort } from "../forward/forwarded-port.ts";
import { resolveTarget } from "../forward/meant-target.ts";
import { portPath } from "../forward/path.ts";
import { runningInstance } from "../forward/running.ts";
import { forwardStdio } from "../forward/stdio.ts";
import { parseTarget, type Target } from "../target/target.ts";
import { interrupted } from "../wait/interrupted.ts";

interface PortForwardFlags {
  address: string;
  stdio?: boolean;
}

/** `kubectl virt port-forward`. */
export function configure(command: Command, run: Runner): void {
  command
    .usage("NAME [PROTOCOL/]LOCAL[:REMOTE]... [flags]")
    .argument("<name>", "a virtual machine: NAME, vm/NAME[/NAMESPACE], vmi/…")
    .argument("<ports...>", "ports, as in 8080:80, udp/5353:53 or 80; :80 for any local port")
    .addOption(new Option("--address <address>", "the local address to listen on").default("127.0.0.1"))
    .option("--stdio", "forward one port to standard input and output, as ssh's ProxyCommand wants it")
    .action(run(forward));
  examples(
    command,
    ["The guest's web server at http://127.0.0.1:8080", "kubectl virt port-forward vm/web 8080:80"],
    ["Several ports, one of them of UDP", "kubectl virt port-forward vm/web 2222:22 udp/5353:53"],
    ["As a program between ssh and the guest", "kubectl virt port-forward --stdio vm/web/shop 22"],
  );
}

async function forward(cli: Cli, flags: PortForwardFlags, [name = "", ...texts]: readonly string[]): Promise<void> {
  const ports = texts.map(parseForwardedPort);
  const target = await resolveTarget(cli, parseTarget(name));
  const client = (await cli.client()).within(target.namespace);
  if (flags.stdio) {
    const [port, ...others] = ports;
    if (!port || others.length > 0 || port.protocol !== "tcp") throw new Failure("--stdio forwards one port of TCP");
    return forwardStdio(await dial(client, target, port, cli.signal), cli.io, cli.signal);
  }
  await runningInstance(client, target, cli.signal);
  const closing: (() => unknown)[] = [];
  try {
    for (const port of ports) closing.push(await listen(cli, client, target, port, flags.address));
    await interrupted(cli.signal);
  } finally {
    await Promise.all(closing.map((close) => close()));
  }
}

async function listen(
  cli: Cli,
  client: KubeClient,
  target: Target,
  port: ForwardedPort,
  address: string,
): Promise<() => unknown> {
  const options = {
    address,
    port: port.local,
    dial: (signal: AbortSignal) => dial(client, target, port, signal),
    onError: (error: unknown) => cli.say(errorText(error)),
  };
  const listening = port.protocol === "tcp" ? await startProxy(options) : await forwardDatagrams(options);
  await cli.print(`Forwarding from ${address}:${listening.port}/${port.protocol} to ${port.remote} of ${target.name}`);
  return () => listening.close();
}

function dial(client: KubeClient, target: Target, { remote, protocol }: ForwardedPort, signal: AbortSignal) {
  return openWebSocket(client, portPath(client.namespace, target, remote, protocol), { protocols, signal });
}
