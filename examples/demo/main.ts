import { mkdir } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { Command } from "commander";
import { localTarget } from "./local-target.ts";
import { ownTarget } from "./own-target.ts";
import { Session } from "./session.ts";
import { Stages } from "./stages.ts";
import type { DemoOptions, Target } from "./target.ts";

const program = new Command("demo")
  .description("From nothing to a guest's login prompt and a picture of its screen, with kubectl")
  .option("--name <name>", "the local cluster that it makes or uses", "virt")
  .option("--context <context>", "use this context's cluster instead, where the add-on is installed already")
  .option("--kubeconfig <file>", "where that context is; KUBECONFIG and ~/.kube/config when absent")
  .option("--image <reference>", "the container disk to start; in a cluster of your own it must be given")
  .option("--image-pull-policy <policy>", "as for kubectl virt create")
  .option("--vm <name>", "the virtual machine's name; one of that name is deleted first", "demo")
  .option("--screenshot <file>", "where the picture goes", "dist/demo.png")
  .showHelpAfterError("(see --help)")
  .action(demo);

async function demo(options: DemoOptions): Promise<void> {
  const stages = new Stages();
  const target = options.context === undefined ? localTarget(options) : ownTarget(options);
  await target.prepare(stages);
  await machine(target, stages, options);
}

/** Runs the machine's part of the demo, which is the same in every cluster. */
async function machine(target: Target, stages: Stages, { vm, screenshot }: DemoOptions): Promise<void> {
  const picture = resolve(screenshot);
  await mkdir(resolve(picture, ".."), { recursive: true });
  const kubectl = new Session(target);

  if ((await kubectl.output(["get", "virtualmachine", vm, "--ignore-not-found", "--output=name"])) !== "") {
    await stages.run("the machine of an earlier run, deleted", () => kubectl.run(["virt", "delete", vm]));
  }
  await stages.run("the machine, from creation to Running", () =>
    kubectl.run(["virt", "create", vm, ...target.image, "--memory", "160Mi", "--wait"]),
  );
  await stages.run("its guest, from there to the login prompt", () =>
    kubectl.run(["virt", "console", vm, "--read-only", "--until", "login:", "--timeout", "5m"]),
  );
  process.stdout.write("\n");
  await stages.run("a picture of its screen", () =>
    kubectl.run(["virt", "vnc", "screenshot", vm, "--file", relative("", picture)]),
  );
  await kubectl.run(["get", "vm,vmi,pods", "--output", "wide"]);

  process.stdout.write(`\n${stages.table()}\n\n${farewell(target, vm, picture)}`);
}

function farewell(target: Target, vm: string, picture: string): string {
  const goOn: readonly (readonly [command: string, what: string])[] = [
    ...target.use,
    [`kubectl virt console ${vm}`, "log in as root; ^] leaves"],
    [`kubectl virt vnc ${vm}`, "its screen, in remote-viewer or vncviewer"],
    [`kubectl virt restart ${vm}`, "stop, start, pause and unpause work too"],
    [`kubectl virt delete ${vm}`, "end it and all that belongs to it"],
    ...target.end,
  ];
  const width = Math.max(...goOn.map(([command]) => command.length));
  const lines = goOn.map(([command, what]) => `  ${command.padEnd(width)}   # ${what}\n`);
  return `${vm} runs in ${target.title}. Its screen is in ${relative("", picture)}.\nGo on with:\n${lines.join("")}`;
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
