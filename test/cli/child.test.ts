import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { endOf } from "../../cli/child.ts";
import { Ended } from "../../cli/failure.ts";

const never = new AbortController().signal;

test("a program's exit code is told, or that a signal ended it", async () => {
  expect(await endOf(spawn("sh", ["-c", "exit 7"]), never)).toBe(7);
  expect(await endOf(spawn("sh", ["-c", "kill -KILL $$"]), never)).toBe(null);
});

test("a program ends with the command that started it", async () => {
  const command = new AbortController();
  const programs = [spawn("sleep", ["infinity"]), spawn("sleep", ["infinity"])] as const;
  const before = endOf(programs[0], command.signal);
  command.abort(new Ended(143));
  await expect(before).rejects.toBe(command.signal.reason);
  await expect(endOf(programs[1], command.signal)).rejects.toBe(command.signal.reason);
  expect(programs.map(({ signalCode }) => signalCode)).toEqual(["SIGTERM", "SIGTERM"]);
});

test("a program that is not there is an error", async () => {
  await expect(endOf(spawn("/no-such-program"), never)).rejects.toThrow("ENOENT");
});
