import { beforeAll, expect, test } from "vitest";
import { useSourcesOnly } from "../add-on.ts";
import { cluster, eventually, installDefinitions, useNamespace } from "../cluster.ts";
import { administrator } from "../kube/kube.ts";
import { TcpProxy } from "../kube/tcp-proxy.ts";
import { usePlugin } from "./plugin.ts";
import { Pty } from "./pty.ts";

useSourcesOnly();
const plugin = usePlugin();
const namespace = useNamespace("cli-watch");

beforeAll(async () => {
  await installDefinitions();
  plugin.flags = ["--kubeconfig", cluster.kubeconfig, "--namespace", namespace.name];
  await namespace.apply(aMachine("web"), aMachine("other"));
  await tell("web", "Stopped");
});

function aMachine(name: string): object {
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name },
    spec: { runStrategy: "Halted", template: { spec: { domain: { devices: {}, memory: { guest: "64Mi" } } } } },
  };
}

/** Has the API say how a machine is, as the controller will. */
async function tell(name: string, printableStatus: string): Promise<void> {
  const patch = JSON.stringify({ status: { printableStatus } });
  await namespace.kubectl("patch", "vm", name, "--subresource=status", "--type=merge", `--patch=${patch}`);
}

test.for([
  ["a table", "get"],
  ["an object", "get -o yaml"],
] as const)("what changes of %s is shown, also after the connection was cut, until ^C", async ([, line]) => {
  await tell("web", "Stopped");
  await using proxy = await TcpProxy.start((await administrator()).server);
  const words = [...line.split(" "), "vm/web", "--watch", `--server=${proxy.url.origin}`];
  await using pty = new Pty(plugin.words(...words), plugin.folder);
  await pty.shows("Stopped");
  await tell("other", "Unknown");
  await tell("web", "Starting");
  await pty.shows("Starting");
  proxy.cut();
  // Written while nobody watches, it is told of when the watch goes on from where it was.
  await tell("web", "Running");
  await pty.shows("Running");
  await tell("web", "Paused");
  await pty.shows("Paused");
  expect(pty.screen).not.toContain("Unknown");
  pty.type("\x03");
  expect(await pty.end()).toMatchObject({ code: 130 });
});

test("with --watch-only what is there is not shown", async () => {
  await tell("web", "Stopped");
  await using pty = new Pty(plugin.words("get", "--watch-only"), plugin.folder);
  // Nothing says when the watch has begun.
  await eventually(async () => {
    await tell("web", "Starting");
    await tell("web", "Running");
    expect(pty.screen).toContain("Starting");
  });
  expect(pty.screen).toMatch(/^NAME +AGE +STATUS/);
  expect(pty.screen).not.toMatch(/Stopped|other/);
  pty.type("\x03");
  expect(await pty.end()).toMatchObject({ code: 130 });
});
