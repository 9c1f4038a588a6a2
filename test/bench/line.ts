import { connect, type Socket } from "node:net";
import type { WebSocket } from "ws";

/** A connection to a console: QEMU's own socket, or the relay. */
export interface Line {
  send(text: string): void;
  /** Calls back with each chunk from now on, and replaces the previous listener. */
  listen(listener: (bytes: Buffer) => void): void;
  /** The number of received bytes. */
  received(): number;
  close(): Promise<void>;
}

/** The number of commands so far. The end mark of a command has its number, because a replay holds older marks. */
let commands = 0;

/** Runs a command, and returns its time and the size of its output. */
export async function command(line: Line, text: string): Promise<{ seconds: number; bytes: number }> {
  commands += 1;
  const since = performance.now();
  const before = line.received();
  let until = 0;
  // The shell loses input between its command's end and its prompt.
  const end = answer(line, new RegExp(`done-${commands}\r\n`), () => (until = performance.now())).then((rest) =>
    answer(line, /# /, () => {}, rest),
  );
  line.send(`${text}; echo do""ne-${commands}\r`);
  await end;
  return { seconds: (until - since) / 1000, bytes: line.received() - before };
}

/** Waits for a pattern of less than 64 characters, calls `there`, and returns the text behind the pattern. */
export async function answer(line: Line, pattern: RegExp, there = (): void => {}, before = ""): Promise<string> {
  return new Promise((resolve) => {
    let last = "";
    const look = (text: string): void => {
      last += text;
      const match = pattern.exec(last);
      if (match) {
        there();
        // The next caller listens in a microtask from here, so no chunk comes in between.
        resolve(last.slice(match.index + match[0].length));
      } else last = last.slice(-64);
    };
    line.listen((bytes) => look(bytes.toString("latin1")));
    look(before);
  });
}

/** Connects to QEMU's own socket. */
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

/** Makes a line of a console's websocket. */
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

/** Logs in as root at a guest's login prompt, and waits for the prompt of its shell. */
export async function logIn(line: Line): Promise<void> {
  // Output from before there was a reader is lost, so press return until there is an answer.
  const timer = setInterval(() => line.send("\r"), 1000);
  await answer(line, /login: /);
  clearInterval(timer);
  const prompt = answer(line, /# /);
  line.send("root\r");
  await prompt;
}

/** Measures the milliseconds from a key to its echo, for keys one after another, in a line to a shell. */
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
