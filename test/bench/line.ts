import { connect, type Socket } from "node:net";
import type { WebSocket } from "ws";

/** A way to a console: QEMU's own socket, or the relay. */
export interface Line {
  send(text: string): void;
  /** Calls back with each chunk from now on, in the place of whoever listened before. */
  listen(listener: (bytes: Buffer) => void): void;
  /** How many bytes have come. */
  received(): number;
  close(): Promise<void>;
}

/** How many commands were run: the end of each is told by its number, since a replay holds those before. */
let commands = 0;

/** Runs a command, and returns the time to its end and how much it wrote. */
export async function command(line: Line, text: string): Promise<{ seconds: number; bytes: number }> {
  commands += 1;
  const since = performance.now();
  const before = line.received();
  let until = 0;
  // The shell loses what is typed between its command's end and its prompt.
  const end = answer(line, new RegExp(`done-${commands}\r\n`), () => (until = performance.now())).then((rest) =>
    answer(line, /# /, () => {}, rest),
  );
  line.send(`${text}; echo do""ne-${commands}\r`);
  await end;
  return { seconds: (until - since) / 1000, bytes: line.received() - before };
}

/** Waits for a pattern of less than 64 characters, and returns what came behind it. `there` is called as it comes. */
export async function answer(line: Line, pattern: RegExp, there = (): void => {}, before = ""): Promise<string> {
  return new Promise((resolve) => {
    let last = "";
    const look = (text: string): void => {
      last += text;
      const match = pattern.exec(last);
      if (match) {
        there();
        // Whoever waits next listens in a microtask from here: nothing comes in between.
        resolve(last.slice(match.index + match[0].length));
      } else last = last.slice(-64);
    };
    line.listen((bytes) => look(bytes.toString("latin1")));
    look(before);
  });
}

/** QEMU's own socket. */
export async function directly(path: string): Promise<Line> {
  const socket: Socket = connect(path);
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  return {
    send: (text) => void socket.write(text),
    listen: (listener) => void socket.removeAllListeners("data").on("data", listener),
    received: () => socket.bytesRead,
    close: () => new Promise<void>((resolve) => void socket.once("close", () => resolve()).destroy()),
  };
}

/** A websocket of the console. */
export function through(websocket: WebSocket): Line {
  let received = 0;
  return {
    send: (text) => websocket.send(Buffer.from(text)),
    listen(listener) {
      websocket.removeAllListeners("message").on("message", (bytes: Buffer) => {
        received += bytes.length;
        listener(bytes);
      });
    },
    received: () => received,
    close: () => new Promise<void>((resolve) => websocket.once("close", () => resolve()).close(1000)),
  };
}

/** Logs in as root where a guest asks for it, and waits for the prompt of its shell. */
export async function logIn(line: Line): Promise<void> {
  // Whatever was written before there was a reader is lost: ask until there is an answer.
  const timer = setInterval(() => line.send("\r"), 1000);
  await answer(line, /login: /);
  clearInterval(timer);
  const prompt = answer(line, /# /);
  line.send("root\r");
  await prompt;
}

/** Milliseconds of each of some keys until its echo, one after the other, in a line at whose end is a shell. */
export async function echoesOf(line: Line, count: number): Promise<number[]> {
  const ready = answer(line, /ready\r\n/);
  line.send('echo re""ady; cat > /dev/null\r');
  await ready;
  const echo: number[] = [];
  for (let number = 0; number < count; number += 1) {
    const since = performance.now();
    const echoed = answer(line, /x/);
    line.send("x");
    await echoed;
    echo.push(performance.now() - since);
  }
  const prompt = answer(line, /# /);
  line.send("\u0003");
  await prompt;
  return echo;
}
