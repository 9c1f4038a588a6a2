import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { useSourcesOnly } from "../add-on.ts";
import { cluster, eventually, installDefinitions, useNamespace } from "../cluster.ts";
import { anInstance, report } from "./instances.ts";
import { usePlugin } from "./plugin.ts";
import { Pty } from "./pty.ts";

// The test plays the controller and the daemons.
useSourcesOnly();
const plugin = usePlugin();
const namespace = useNamespace("cli-create-wait");
const image = "localhost/tiny:latest";

beforeAll(async () => {
  await installDefinitions();
  plugin.flags = ["--kubeconfig", cluster.kubeconfig, "--namespace", namespace.name];
});

const virt = (line: string, input?: string) => plugin.run(line.split(" "), input);

describe("create --wait", () => {
  test("says what is going on, and ends when the machine runs", async () => {
    const output = { code: 0, stdout: "", stderr: "" };
    const waiting = plugin.run(["create", "waits", "--image", image, "--wait"], "", output);
    const says = (text: string) => eventually(async () => expect(output.stderr).toContain(text));
    await says("waiting for the controller");
    await eventually(() => namespace.apply(anInstance("waits")));
    const { metadata } = JSON.parse(await namespace.kubectl("get", "vmi", "waits", "-o", "json"));
    await namespace.apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: "waits",
        labels: { "vmi.kubevirt.io/id": "waits" },
        ownerReferences: [
          {
            apiVersion: "kubevirt.io/v1",
            kind: "VirtualMachineInstance",
            name: "waits",
            uid: metadata.uid,
            controller: true,
          },
        ],
      },
      spec: { nodeSelector: { no: "such" }, containers: [{ name: "compute", image: "localhost/hold" }] },
    });
    await says("no node for it yet");
    await report(namespace, "waits", { phase: "Scheduled", nodeName: "node-1" });
    await report(namespace, "waits", {
      phase: "Running",
      nodeName: "node-1",
      interfaces: [{ name: "default", ipAddress: "10.0.0.7" }],
      conditions: [{ type: "Ready", status: "True" }],
    });
    const { code, stdout, stderr } = await waiting;
    expect([code, stdout]).toEqual([0, "virtualmachine.kubevirt.io/waits created\n"]);
    expect(stderr).toMatch(
      /no node for it yet: 0\/2 nodes are available: [^]*✓ waits runs on node-1, 10\.0\.0\.7 \([^)]*\)\n$/,
    );
  });

  test("ends with the reason and 1 when the machine fails", async () => {
    const waiting = virt(`create fails --image ${image} --wait`);
    await eventually(() => namespace.apply(anInstance("fails")));
    await report(namespace, "fails", {
      phase: "Failed",
      conditions: [{ type: "Synchronized", status: "False", message: "no kernel found" }],
    });
    expect(await waiting).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        "error: virtualmachine.kubevirt.io/fails did not start: the virtual machine failed: no kernel found\n",
      ),
    });
  });

  test("ends with what it last waited for when the time is up", async () => {
    expect(await virt(`create late --image ${image} --wait --timeout 5s`)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /error: .*\/late did not start: timed out after 5\.0 s; last: waiting for the controller\n$/,
      ),
    });
  });
});

describe("create --wait of several machines", () => {
  const manifest = (...names: readonly string[]): string =>
    names
      .map((name) => ({ ...anInstance(name), kind: "VirtualMachine", spec: { runStrategy: "Always", template } }))
      .map((machine) => JSON.stringify(machine))
      .join("\n---\n");
  const template = { spec: anInstance("").spec };
  const ends = {
    well: { phase: "Running", nodeName: "node-1", conditions: [{ type: "Ready", status: "True" }] },
    badly: { phase: "Failed", conditions: [{ type: "Synchronized", status: "False", message: "no kernel found" }] },
  };

  test("waits for all at once, and a line says whose it is", async () => {
    const waiting = plugin.run(["create", "-f", "-", "--wait"], manifest("first", "second"));
    for (const name of ["second", "first"]) {
      await eventually(() => namespace.apply(anInstance(name)));
      await report(namespace, name, name === "first" ? ends.well : ends.badly);
    }
    const { code, stderr } = await waiting;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^✗ second did not start: the virtual machine failed: no kernel found$/m);
    expect(stderr).toMatch(/^✓ first runs on node-1 \([^)]*\)$/m);
    expect(stderr).toMatch(/\nerror: 1 of 2 did not start\n$/);
  });

  test("waits where a manifest has its machine", async () => {
    const machine = {
      ...JSON.parse(manifest("elsewhere")),
      metadata: { name: "elsewhere", namespace: namespace.name },
    };
    const { flags } = plugin;
    plugin.flags = flags.slice(0, 2);
    const waiting = plugin.run(["create", "-f", "-", "--wait", "--timeout", "60s"], JSON.stringify(machine));
    plugin.flags = flags;
    await eventually(() => namespace.apply(anInstance("elsewhere")));
    await report(namespace, "elsewhere", ends.well);
    expect(await waiting).toMatchObject({ code: 0, stderr: expect.stringMatching(/✓ elsewhere runs on node-1/) });
  });

  test("is one screen on a terminal, with a line for each that is drawn again in place", async () => {
    await writeFile(join(plugin.folder, "several.yaml"), manifest("third", "fourth"));
    await using pty = new Pty(plugin.words("create", "-f", "several.yaml", "--wait"), plugin.folder);
    await pty.shows("third: waiting for the controller");
    await pty.shows("fourth: waiting for the controller");
    await eventually(() => namespace.apply(anInstance("fourth")));
    await report(namespace, "fourth", ends.well);
    await pty.shows("fourth runs on node-1 (");
    await eventually(() => namespace.apply(anInstance("third")));
    await report(namespace, "third", ends.badly);
    await pty.shows("third did not start: the virtual machine failed: no kernel found");
    await pty.shows("error: 1 of 2 did not start");
    expect(await pty.end()).toEqual({ code: 1, restored: true });
    // The cursor, which the drawing hides, is back.
    expect(pty.screen.lastIndexOf("\x1b[?25h")).toBeGreaterThan(pty.screen.lastIndexOf("\x1b[?25l"));
  });

  test("is left by ^C, with the terminal as it was", async () => {
    await writeFile(join(plugin.folder, "left.yaml"), manifest("fifth"));
    await using pty = new Pty(plugin.words("create", "-f", "left.yaml", "--wait"), plugin.folder);
    await pty.shows("fifth: waiting for the controller");
    pty.type("\x03");
    expect(await pty.end()).toEqual({ code: 130, restored: true });
    expect(pty.screen.lastIndexOf("\x1b[?25h")).toBeGreaterThan(pty.screen.lastIndexOf("\x1b[?25l"));
  });
});
