import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { Budget } from "../../../api/serving/budget.ts";
import { logFiles, logTail } from "../../../node-daemon/relay/log-files.ts";
import { readLog } from "../../../node-daemon/relay/log-reader.ts";
import { SerialLog, type SerialLogOptions } from "../../../node-daemon/relay/serial-log.ts";

async function aLog(options: SerialLogOptions = {}): Promise<SerialLog> {
  const folder = await mkdtemp(join(tmpdir(), "serial-log-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return new SerialLog(join(folder, "console", "serial0.log"), options);
}

const never = new AbortController().signal;

async function gather(parts: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for await (const part of parts) all.push(part);
  return all;
}

async function readAll(path: string): Promise<string> {
  return Buffer.concat(await gather(readLog(path, { signal: never }))).toString();
}

test("a log is rotated at its size, and the oldest file is dropped", async () => {
  const log = await aLog({ maxSize: 10, files: 3 });
  for (let number = 0; number < 8; number += 1) {
    log.append(Buffer.from(`line ${number}\n`));
    await log.changed(never);
  }
  await log.close();
  expect((await logFiles(log.path)).map((file) => file.slice(log.path.length))).toEqual([".2", ".1", ""]);
  expect(await readAll(log.path)).toBe("line 5\nline 6\nline 7\n");
  expect((await logTail(log.path, 10)).toString()).toBe(" 6\nline 7\n");
});

test("what comes in pieces of any size is written in its order", async () => {
  const log = await aLog();
  const pieces = [3, 5000, 1, 4096, 4095, 2, 70_000, 7].map((size, number) => Buffer.alloc(size, String(number)));
  for (const piece of pieces) log.append(piece);
  await log.close();
  expect((await readFile(log.path)).equals(Buffer.concat(pieces))).toBe(true);
});

test("what comes in a burst, and after a silence, is written", async () => {
  const log = await aLog({ gather: 5 });
  let written = "";
  for (let burst = 0; burst < 3; burst += 1) {
    for (let number = 0; number < 20; number += 1) {
      written += `${burst}-${number} `;
      log.append(Buffer.from(`${burst}-${number} `));
      if (number % 7 === 0) await log.changed(never);
    }
    await vi.waitFor(async () => expect(await readFile(log.path, "utf8")).toBe(written), {
      interval: 20,
      timeout: 20_000,
    });
  }
  await log.close();
});

test("a log that was there already goes on", async () => {
  const log = await aLog();
  log.append(Buffer.from("one "));
  await log.close();
  const again = new SerialLog(log.path);
  again.append(Buffer.from("two"));
  await again.close();
  expect(await readFile(log.path, "utf8")).toBe("one two");
});

test("bytes that the disk does not take are counted, and the log says so where they are missing", async () => {
  const log = await aLog({ mostPending: 8 });
  const changed = log.changed(never);
  // The first is being written, the second waits, and there is no room for the third.
  for (const text of ["1", "2345678", "lo", "st"]) log.append(Buffer.from(text));
  await changed;
  await log.changed(never);
  log.append(Buffer.from("more"));
  await log.close();
  expect(await readAll(log.path)).toMatch(/^12345678\r\n\[4 bytes are missing here: .*\]\r\nmore$/);
});

test("who follows a log reads all of it over rotations, and ends with it", async () => {
  const log = await aLog({ maxSize: 20, files: 50 });
  log.append(Buffer.from("first\n"));
  const read = gather(readLog(log.path, { follow: log, signal: never }));
  let written = "first\n";
  for (let number = 0; number < 30; number += 1) {
    const line = `line ${number}\n`;
    written += line;
    const changed = log.changed(never);
    log.append(Buffer.from(line));
    await changed;
  }
  await log.close();
  expect(Buffer.concat(await read).toString()).toBe(written);
});

test("each reader has all of a log, in its order, however often it is rotated meanwhile", async () => {
  const log = await aLog({ maxSize: 10, files: 25, gather: 1 });
  log.append(Buffer.from("first\n"));
  await log.changed(never);
  const followers = Array.from({ length: 5 }, () => gather(readLog(log.path, { follow: log, signal: never })));
  let written = "first\n";
  for (let number = 0; number < 20; number += 1) {
    const line = `line ${number}\n`;
    written += line;
    const changed = log.changed(never);
    log.append(Buffer.from(line));
    // Each has the log up to a moment between the start and the end of the look.
    const [tail, all] = await Promise.all([logTail(log.path, 10_000), readAll(log.path), changed]);
    expect(written.startsWith(tail.toString()) && written.startsWith(all)).toBe(true);
    expect(Math.min(tail.length, all.length)).toBeGreaterThanOrEqual(written.length - line.length);
  }
  await log.close();
  for (const read of followers) expect(Buffer.concat(await read).toString()).toBe(written);
});

test("following ends when its reader goes", async () => {
  const log = await aLog();
  const gone = new AbortController();
  const read = gather(readLog(log.path, { follow: log, signal: gone.signal }));
  gone.abort();
  await expect(read).rejects.toThrow(/abort/i);
  await log.close();
});

test("other files beside a log are not taken for it", async () => {
  const log = await aLog();
  log.append(Buffer.from("x"));
  await log.close();
  await writeFile(`${log.path}.old`, "");
  await writeFile(`${log.path}.01`, "");
  expect(await logFiles(log.path)).toEqual([log.path]);
});

test("a guest that does not stop writing is logged at a rate, and the log says how much it left out", async () => {
  const log = await aLog({ burst: 1000, rate: 100 });
  const line = Buffer.from(`${"x".repeat(49)}\n`);
  let written = 0;
  const told = async (): Promise<number[]> => {
    const found = (await readAll(log.path)).matchAll(
      /\r\n\[(\d+) bytes are missing here: the guest wrote more than 100 bytes a second\]\r\n/g,
    );
    return [...found].map(([, count]) => Number(count));
  };
  for (; written < 5000; written += line.length) log.append(line);
  // The note comes by itself, though the guest has fallen silent.
  await vi.waitFor(async () => expect(await told()).toHaveLength(1), 20_000);
  const [missing = 0] = await told();
  log.append(Buffer.from("later"));
  await log.close();
  const text = await readAll(log.path);
  const logged = (5000 - missing) / line.length;
  expect([20, 21, 22]).toContain(logged);
  expect(text.startsWith(`${line.toString().repeat(logged)}\r\n[`)).toBe(true);
  expect(text.endsWith("]\r\nlater")).toBe(true);
});

test("what waits for the disk is part of a budget, and free again when it is written", async () => {
  const budget = new Budget({ bytes: 100_000, kept: 0 });
  const log = await aLog({ holding: budget.holding() });
  for (let number = 0; number < 10; number += 1) log.append(Buffer.alloc(10_000, "a"));
  // 32 KiB of a log may wait in any case, and a quarter of the rest.
  expect(budget.used).toBe(20_000);
  await log.close();
  expect(budget.used).toBe(0);
  expect(await readAll(log.path)).toMatch(
    /^a{60000}\r\n\[40000 bytes are missing here: the disk did not take them\]\r\n$/,
  );
});
