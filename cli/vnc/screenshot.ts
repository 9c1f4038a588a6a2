import { rename, rm, writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { queryOf } from "../../api/kube/resources/resource.ts";
import { instancePath } from "../../api/sub-resources.ts";
import type { Cli } from "../cli.ts";
import { examples, type Runner } from "../command.ts";
import { Failure } from "../failure.ts";
import { write } from "../io.ts";
import { oneTarget } from "../target/target.ts";

interface ScreenshotFlags {
  file?: string;
  moveCursor?: boolean;
}

/** `kubectl virt vnc screenshot`. */
export function configureScreenshot(vnc: Command, run: Runner): void {
  const command = vnc
    .command("screenshot")
    .description("save a picture of the screen as PNG")
    .usage("NAME [flags]")
    .argument("<name...>", "a virtual machine: NAME, vm/NAME[/NAMESPACE], vmi/…")
    .option("-f, --file <file>", "the output file; - is standard output (default: NAME.png)")
    .option("--move-cursor", "move the pointer first, to wake a screen that went dark")
    .action(run(screenshot));
  examples(command, ["A picture of the screen", "kubectl virt vnc screenshot web --file web.png"]);
}

async function screenshot(cli: Cli, { file, moveCursor }: ScreenshotFlags, args: readonly string[]): Promise<void> {
  const { name, namespace } = oneTarget(args);
  const target = file ?? `${name}.png`;
  if (target === "-" && cli.io.stdout.isTTY) {
    throw new Failure("cannot write a picture to a terminal: redirect the output, or name a --file");
  }
  const client = (await cli.client()).within(namespace);
  const path = instancePath({ namespace: client.namespace, name }, "vnc/screenshot") + queryOf({ moveCursor });
  const { body } = await client.raw("GET", path, { signal: cli.signal, headers: { accept: "image/png" } });
  if (target === "-") return write(cli.io.stdout, body);
  await save(target, body);
  cli.say(`${target}: ${sizeOf(body)}${Math.ceil(body.length / 1024)} KiB`);
}

/** Saves a file completely or not at all. */
async function save(file: string, body: Buffer): Promise<void> {
  const draft = `${file}.${process.pid}.part`;
  try {
    await writeFile(draft, body);
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true });
    throw new Failure(`invalid argument "${file}" for "--file" flag: ${cause instanceof Error ? cause.message : ""}`, {
      cause,
    });
  }
}

/** Reads width and height from a PNG's header. */
function sizeOf(png: Buffer): string {
  return png.length > 24 && png.toString("latin1", 1, 4) === "PNG"
    ? `${png.readUInt32BE(16)}×${png.readUInt32BE(20)} pixels, `
    : "";
}
