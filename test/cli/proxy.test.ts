import { expect, test } from "vitest";
import { aSocksProxy } from "../api/kube/proxy/proxies.ts";
import { aMachine } from "../e2e/cli/fake-api.ts";
import { useCommandLine } from "./command-line.ts";

const virt = useCommandLine();

/** A name that no resolver has. */
const name = "api.behind.test";
const list = "/apis/kubevirt.io/v1/namespaces/default/virtualmachines";

test("where only a SOCKS proxy finds the server, all ways to a machine go through it", async () => {
  await using proxy = await aSocksProxy({ names: { [name]: virt.api.port } });
  await virt.api.kubeconfig(virt.kubeconfig, {
    server: `http://${name}`,
    "proxy-url": `socks5://127.0.0.1:${proxy.port}`,
  });
  const got = "virtualmachine.kubevirt.io/web\n";
  expect(await virt.run("get", "vm/web", "-o", "name")).toEqual({ code: 0, stdout: got, stderr: "" });

  const items = JSON.stringify({ metadata: { resourceVersion: "1" }, items: [] });
  virt.api.answers.set(`GET ${list}?limit=50`, { status: 200, body: items });
  const change = `${JSON.stringify({ type: "ADDED", object: aMachine("Always", "Running") })}\n`;
  virt.api.others = (path, answer) => path.startsWith(`GET ${list}?watch=true`) && answer.write(change);
  const watched = await virt.runUntil((printed) => printed === got, "get", "vm", "-o", "name", "--watch");
  expect(watched).toEqual({ code: 130, stdout: got, stderr: "" });

  virt.api.replay = "web login:";
  expect(await virt.run("console", "web", "--until=login:")).toMatchObject({ code: 0, stdout: "web login:" });

  const stdio = await virt.runUntil((printed) => printed === "web login:", "port-forward", "--stdio", "vm/web", "22");
  expect(stdio).toMatchObject({ code: 130, stdout: "web login:" });
  expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${name}:80`]));
});
