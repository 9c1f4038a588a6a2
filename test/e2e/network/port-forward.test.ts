import { beforeAll, expect, test } from "vitest";
import { tiny, useStage } from "../main-path/stage.ts";
import { forwarding } from "./forwarding.ts";

const stage = useStage("port-forward");

beforeAll(async () => {
  await stage.virtOk(`create web ${tiny}`);
  await stage.namespace.kubectl("wait", "vmi", "web", "--for=create", "--timeout=60s");
  await stage.namespace.kubectl("wait", "vmi", "web", "--for=condition=AgentConnected", "--timeout=90s");
});

test("a page of the guest is at a local port, for one connection after another", async () => {
  await forwarding(stage, "vm/web :80", async (port) => {
    for (let round = 0; round < 3; round += 1) {
      expect(await (await fetch(`http://127.0.0.1:${port}/cgi-bin/index.cgi`)).text()).toBe("web\n");
    }
  });
});

test("a port is forwarded to standard input and output", async () => {
  const page = await stage.virtOk("port-forward --stdio vmi/web 80", "GET /cgi-bin/index.cgi HTTP/1.0\r\n\r\n");
  expect(page).toMatch(/^HTTP\/1\.[01] 200 OK[^]*\r\n\r\nweb\n$/);
});

test("a port that nobody serves is told of", async () => {
  const { exitCode, stderr } = await stage.virt("port-forward --stdio vm/web 81");
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("connection refused") });
});
