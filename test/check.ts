import { join } from "node:path";
import { execa } from "execa";
import { runChecks } from "./checks.ts";

/** Checks the sources and runs the unit tests, both at once. The sources' results come first. */
async function main(): Promise<void> {
  // The checks start a dozen programs of node, which then need not compile their code again.
  process.env.NODE_COMPILE_CACHE = join(import.meta.dirname, "../node_modules/.cache/compiled");
  const unit = execa("npm", ["run", "--silent", "unit"], { stdin: "ignore", all: true, reject: false });
  const failures: string[] = [];
  for await (const { name, failed, output } of runChecks()) {
    if (output) process.stdout.write(`${output}\n`);
    if (failed) failures.push(name);
  }
  const { failed, all } = await unit;
  process.stdout.write(`${all}\n`);
  if (failed) failures.push("unit");
  if (failures.length === 0) return;
  process.stdout.write(`failed: ${failures.join(", ")}\n`);
  process.exitCode = 1;
}

await main();
