import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Bundle } from "./bundle.ts";
import type { Process } from "./process.ts";

/** A long-running program of a bundle: a part of Kubernetes, a container runtime, libvirt. */
export interface Component {
  /** The name for `logs` and `status`. */
  name: string;
  /** Path of the program in the bundle. It identifies the running component. */
  program: string;
  args: readonly string[];
  /** Environment variables, added to ours. */
  env?: Readonly<Record<string, string>>;
  /** Whether it stays in the machine's own network namespace. */
  machineNetwork?: boolean;
  /** The command that starts the program, if that is not the program itself. */
  launcher?: readonly string[];
  /** Resolves to true once the component works; called repeatedly until then. */
  ready: (bundle: Bundle) => Promise<boolean>;
  /** Milliseconds that the component has to become ready. */
  timeout?: number;
}

/**
 * For Go programs: collect garbage at four times the live memory instead of twice. The machine has enough memory, and
 * needs its processor for emulated guests.
 */
export const lessCollecting = { GOGC: "400" } as const;

/** Checks in a row without the component's process after which the component counts as ended. */
const mostMissed = 10;

/** The file for a component's output. */
export function logFile(bundle: Bundle, component: string): string {
  return join(bundle.folder, "log", `${component}.log`);
}

/** The running process of a component; `undefined` when it is not running. */
export async function running(bundle: Bundle, { program, launcher }: Component): Promise<Process | undefined> {
  // A launcher becomes the program by exec, at an unknown time.
  const programs = [program, launcher?.[0]];
  return (await bundle.processes()).find((process) => programs.includes(process.program));
}

/**
 * Starts a component if it is not running, and waits until it is ready. The process becomes a child of the bundle's
 * first process, so it outlives this program and ends with the bundle.
 */
export async function start(bundle: Bundle, component: Component): Promise<void> {
  if (!(await running(bundle, component))) {
    const { program, args, env, launcher = [], machineNetwork = false } = component;
    await mkdir(join(bundle.folder, "log"), { recursive: true });
    const log = await open(logFile(bundle, component.name), "a");
    const command = ["setsid", "--fork", ...launcher, program, ...args];
    const [file, ...rest] = await bundle.enter(command, machineNetwork ? { network: "machine" } : {});
    const [code] = await once(
      spawn(file, rest, { stdio: ["ignore", log.fd, log.fd], env: { ...process.env, ...env } }),
      "exit",
    );
    await log.close();
    if (code !== 0) throw new Error(`${component.name} of ${bundle.name} could not be started: exit code ${code}`);
  }
  let missed = 0;
  await until(async () => {
    if (await component.ready(bundle)) return true;
    // For a moment, longer on a busy machine, the process is still the starting program.
    missed = (await running(bundle, component)) ? 0 : missed + 1;
    if (missed === mostMissed) throw new Error(`${component.name} of ${bundle.name} ended`);
    return false;
  }, component.timeout ?? 60_000).catch(async (cause) => {
    throw new Error(`starting ${component.name} of ${bundle.name}; it said:\n${await tail(bundle, component.name)}`, {
      cause,
    });
  });
}

/**
 * Waits until a condition holds. Throws after `timeout` milliseconds. Between two checks it waits 100 ms, or twice the
 * time of the check: checks that start programs are slow on a busy machine, and would make it busier.
 */
export async function until(condition: () => Promise<boolean>, timeout: number): Promise<void> {
  const deadline = performance.now() + timeout;
  for (;;) {
    const before = performance.now();
    if (await condition()) return;
    const end = performance.now();
    if (end > deadline) throw new Error(`not so within ${timeout / 1000} s`);
    await delay(Math.min(1000, Math.max(100, 2 * (end - before))));
  }
}

async function tail(bundle: Bundle, component: string): Promise<string> {
  const text = await readFile(logFile(bundle, component), "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-12).join("\n") || `(nothing; see ${basename(bundle.folder)})`;
}

/** Whether a program in the bundle succeeds. */
export async function succeeds(bundle: Bundle, command: readonly string[]): Promise<boolean> {
  return bundle.run(command).then(
    () => true,
    () => false,
  );
}
