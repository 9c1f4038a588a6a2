import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Bundle } from "./bundle.ts";
import type { Process } from "./process.ts";

/** A long-running program of a bundle: one of Kubernetes' parts, a container runtime, libvirt. */
export interface Component {
  /** What `logs` and `status` call it. */
  name: string;
  /** Path of the program in the bundle; a running component is found by it. */
  program: string;
  args: readonly string[];
  /** Variables of its environment, besides ours. */
  env?: Readonly<Record<string, string>>;
  /** Whether it stays in the machine's own network namespace. */
  machineNetwork?: boolean;
  /** The command that starts it, where that is not the program itself. */
  launcher?: readonly string[];
  /** Resolves to true once it does its work; asked again until then. */
  ready: (bundle: Bundle) => Promise<boolean>;
  /** How long it may take to be ready, in milliseconds. */
  timeout?: number;
}

/**
 * For programs of Go: their garbage is collected when there is four times as much as what is alive, and not twice. The
 * machine has memory for that, and a processor that guests are emulated on.
 */
export const lessCollecting = { GOGC: "400" } as const;

/** Looks in a row at which a component is not found before it counts as ended. */
const mostMissed = 10;

/** The file that a component's output goes to. */
export function logFile(bundle: Bundle, component: string): string {
  return join(bundle.folder, "log", `${component}.log`);
}

/** The running process of a component; `undefined` when it is not running. */
export async function running(bundle: Bundle, { program, launcher }: Component): Promise<Process | undefined> {
  // A launcher becomes the program by exec, at a time of its own.
  const programs = [program, launcher?.[0]];
  return (await bundle.processes()).find((process) => programs.includes(process.program));
}

/**
 * Starts a component that is not running, and waits until it is ready. The process becomes a child of the bundle's
 * first process, so it outlives ours and ends with the bundle.
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
    // For a moment, on a busy machine a longer one, it is still the program that starts it.
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
 * Waits until a condition holds; throws after `timeout` milliseconds. Between two looks it waits 100 ms, or twice as long as
 * the look took: looks that start programs are slow on a busy machine, and would make it busier.
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

/** Whether a program in the bundle ends well. */
export async function succeeds(bundle: Bundle, command: readonly string[]): Promise<boolean> {
  return bundle.run(command).then(
    () => true,
    () => false,
  );
}
