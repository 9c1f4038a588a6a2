import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aMachine, anInstance, FakeApi, pathOf, status } from "./fake-api.ts";
import { usePlugin } from "./plugin.ts";
import { eventually, Pty } from "./pty.ts";

const plugin = usePlugin();
let api: FakeApi;
let runs = 0;

beforeEach(async () => {
  api = await FakeApi.start();
  plugin.flags = ["--kubeconfig", await api.kubeconfig(join(plugin.folder, "kubeconfig"))];
});
afterEach(() => api[Symbol.asyncDispose]());

/** The command on a terminal. */
async function onTerminal(...args: readonly string[]): Promise<Pty> {
  const place = join(plugin.folder, `run-${(runs += 1)}`);
  await mkdir(place);
  return new Pty(plugin.words(...args), place);
}

const withPipes = (input: string, ...args: readonly string[]) => plugin.run(args, input);

async function connected(count = 1): Promise<void> {
  await eventually(
    () => api.sockets.length === count,
    () => `${count} websockets were not open: ${api.requests.join("\n")}`,
  );
}

describe("on a terminal", () => {
  test("keys reach the guest, its output the screen, and ^] leaves wherever it is in the input", async () => {
    await using pty = await onTerminal("console", "web");
    await pty.shows("Connected to web. Press ^] to leave.");
    expect(await pty.settings()).toContain("-icanon");
    api.print("login: ");
    await pty.shows("login: ");
    pty.type("ro\x03ot\r");
    await eventually(
      () => api.input === "ro\x03ot\r",
      () => api.input,
    );
    pty.type("last\x1dnever");
    expect(await pty.end()).toEqual({ code: 0, restored: true });
    await eventually(
      () => api.input === "ro\x03ot\rlast",
      () => api.input,
    );
  });

  test.for(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)("%s gives the terminal back", async (signal) => {
    await using pty = await onTerminal("console", "web");
    await pty.shows("Connected");
    await pty.kill(signal);
    expect(await pty.end()).toEqual({
      code: 128 + { SIGINT: 2, SIGTERM: 15, SIGHUP: 1, SIGQUIT: 3 }[signal],
      restored: true,
    });
  });

  test("a stop gives the terminal back, and a continue takes it again", async () => {
    await using pty = await onTerminal("console", "web");
    await pty.shows("Connected");
    await pty.kill("SIGTSTP");
    await eventually(
      async () => / icanon/.test(await pty.settings()),
      () => "the terminal stays raw",
    );
    await pty.kill("SIGCONT");
    await eventually(
      async () => /-icanon/.test(await pty.settings()),
      () => "the terminal is not raw again",
    );
    pty.type("x");
    await eventually(
      () => api.input === "x",
      () => api.input,
    );
    pty.type("\x1d");
    expect(await pty.end()).toEqual({ code: 0, restored: true });
  });

  test("another escape character can be chosen, and ^] is then a key like any other", async () => {
    await using pty = await onTerminal("console", "web", "--escape", "^A");
    await pty.shows("Press ^A to leave.");
    pty.type("\x1d");
    await eventually(
      () => api.input === "\x1d",
      () => api.input,
    );
    pty.type("\x01");
    expect(await pty.end()).toEqual({ code: 0, restored: true });
  });

  test("a watcher's keys go nowhere, and ^C leaves", async () => {
    await using pty = await onTerminal("console", "web", "--read-only");
    await pty.shows("Connected to web as a watcher.");
    expect(api.requests).toContain(`GET ${pathOf("console?readOnly=true")}`);
    pty.type("rm -rf /\r");
    pty.type("\x03");
    expect(await pty.end()).toEqual({ code: 0, restored: true });
    expect(api.input).toBe("");
  });

  test("a cut connection is made again, and what was shown is not shown twice", async () => {
    api.replay = "one\r\n";
    await using pty = await onTerminal("console", "web");
    await pty.shows("one");
    api.print("two\r\n");
    await pty.shows("two");
    api.replay = "one\r\ntwo\r\nthree\r\n";
    api.cut();
    await pty.shows("connection lost (it was cut); reconnecting");
    await pty.shows("connected again");
    await pty.shows("three");
    expect(pty.screen.match(/two/g)).toHaveLength(1);
    pty.type("still here");
    await eventually(
      () => api.input === "still here",
      () => api.input,
    );
    pty.type("\x1d");
    expect(await pty.end()).toEqual({ code: 0, restored: true });
  });

  test("while the server is away, the escape character and ^C still leave", async () => {
    await using pty = await onTerminal("console", "web");
    await pty.shows("Connected");
    api.refusal = status(503, "ServiceUnavailable", "the server is currently unable to handle the request");
    api.close(1001, "the daemon is updated");
    await pty.shows("connection lost (the daemon is updated); reconnecting");
    pty.type("\x03");
    expect(await pty.end()).toEqual({ code: 0, restored: true });
  });

  test("who is displaced is told by whom, and does not fight for it", async () => {
    await using pty = await onTerminal("console", "web");
    await pty.shows("Connected");
    api.close(1001, "EOF: alice has taken over this console");
    await pty.shows("alice has taken over this console");
    expect(await pty.end()).toEqual({ code: 1, restored: true });
    expect(api.requests.filter((path) => path.includes("/console"))).toHaveLength(1);
  });

  test("it ends with the reason when the machine stops for good", async () => {
    api.machine = aMachine("Halted", "Stopping");
    await using pty = await onTerminal("console", "web");
    await pty.shows("Connected");
    api.instance = anInstance("Succeeded");
    api.close(1000, "the guest has shut down");
    await pty.shows("web has stopped: the guest has shut down");
    expect(await pty.end()).toEqual({ code: 0, restored: true });
  });

  test("it stays when the machine is going to start again", async () => {
    await using pty = await onTerminal("console", "web");
    await pty.shows("Connected");
    api.instance = anInstance("Succeeded");
    api.refusal = status(400, "BadRequest", "VMI is not running");
    api.close(1000, "the guest has shut down");
    await pty.shows("web has stopped: the guest has shut down; waiting for it to start again");
    api.instance = anInstance("Running");
    api.refusal = undefined;
    await pty.shows("connected again");
    pty.type("\x1d");
    expect(await pty.end()).toEqual({ code: 0, restored: true });
  });

  test("a machine that is not up yet is waited for, which is said once, and ^C still ends the wait", async () => {
    api.refusal = status(400, "BadRequest", "VMI is not running");
    api.instance = anInstance("Scheduling");
    api.machine = aMachine("Always", "Starting");
    await using pty = await onTerminal("console", "web");
    await pty.shows("web is not running yet (Starting); waiting for it");
    await eventually(
      () => api.requests.filter((path) => path.includes("/console")).length > 2,
      () => "it was not tried again",
    );
    expect(pty.screen.match(/waiting for it/g)).toHaveLength(1);
    pty.type("\x03");
    expect(await pty.end()).toEqual({ code: 130, restored: true });
  });

  test("an exception gives the terminal back", async () => {
    await using pty = await onTerminal("console", "web");
    await pty.shows("Connected");
    // What no code expects: the answer to a question about the machine is no JSON.
    api.answers.set("GET /apis/kubevirt.io/v1/namespaces/default/virtualmachines/web", { status: 200, body: "<html>" });
    api.refusal = status(403, "Forbidden", "you may not any more");
    api.cut();
    await pty.shows("Error from server (Forbidden): you may not any more");
    expect(await pty.end()).toEqual({ code: 1, restored: true });
  });
});

describe("with pipes", () => {
  test("output goes on until the text that is waited for", async () => {
    api.replay = "booting…\r\nweb login: ";
    const run = await withPipes("", "console", "web", "--until", "login:");
    expect(run).toEqual({ code: 0, stdout: "booting…\r\nweb login: ", stderr: "" });
  });

  test("with input, the text is looked for in what comes after it", async () => {
    api.replay = "# old answer\r\n# ";
    const running = withPipes("question\n", "console", "web", "--until", "answer");
    await eventually(
      () => api.input === "question\n",
      () => api.input,
    );
    api.print("new an");
    api.print("swer");
    expect(await running).toMatchObject({ code: 0, stdout: "# old answer\r\n# new answer" });
  });

  test("without a text, it ends when the guest is silent after the input's end", async () => {
    api.replay = "# ";
    const run = await withPipes("uptime\n", "console", "web");
    expect(run).toMatchObject({ code: 0, stdout: "# " });
    await eventually(
      () => api.input === "uptime\n",
      () => api.input,
    );
  });

  test("the escape character is a byte like any other", async () => {
    expect(await withPipes("a\x1db", "console", "web")).toMatchObject({ code: 0 });
    await eventually(
      () => api.input === "a\x1db",
      () => api.input,
    );
  });

  test("it gives up after the time that it is given", async () => {
    const run = await withPipes("", "console", "web", "--until", "login:", "--timeout", "500ms");
    expect(run).toEqual({ code: 1, stdout: "", stderr: 'error: timed out after 0.5 s waiting for "login:"\n' });
  });

  test.for([
    ["a little", "one\n"],
    ["more than fits into a pipe", "one\n".repeat(1_000_000)],
  ] as const)("it ends well when its reader has seen enough, and the guest writes %s", async ([, text]) => {
    const line = '{ "$0" "$@"; echo "ended with $?" >&2; } | head -n 1';
    // Its input stays open.
    const child = spawn("sh", ["-c", line, ...plugin.words("console", "web")]);
    const [shown, said] = [textOf(child.stdout), textOf(child.stderr)];
    await connected();
    await eventually(
      () => {
        if (api.sockets.length > 0) api.print(text);
        return child.exitCode !== null;
      },
      () => "it goes on",
    );
    expect([await shown, await said]).toEqual(["one\n", "ended with 0\n"]);
  });

  test("a text that can't come any more is an error", async () => {
    api.machine = aMachine("Once", "Stopped");
    const running = withPipes("", "console", "web", "--until", "login:");
    await connected();
    api.instance = anInstance("Failed", "QEMU ended");
    api.close(1000, "");
    expect(await running).toMatchObject({
      code: 1,
      stderr: 'web has stopped: QEMU ended\nerror: "login:" was not seen before the console ended\n',
    });
  });

  test("a machine that is not there, or has no serial port, is an error at once", async () => {
    api.machine = undefined;
    api.instance = undefined;
    api.refusal = status(404, "NotFound", 'virtualmachineinstances.kubevirt.io "web" not found', "web");
    expect(await withPipes("", "console", "web")).toMatchObject({
      code: 1,
      stderr: 'Error from server (NotFound): virtualmachineinstances.kubevirt.io "web" not found\n',
    });
    api.refusal = status(400, "BadRequest", "No serial consoles are present.");
    expect(await withPipes("", "console", "web")).toMatchObject({
      code: 1,
      stderr: "Error from server (BadRequest): No serial consoles are present.\n",
    });
  });
});
