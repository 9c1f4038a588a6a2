import { WriteStream } from "node:tty";
import type { Board } from "./board.ts";
import { PlainBoard } from "./plain-board.ts";

/** Opens a board: on a terminal it redraws in place; elsewhere it prints a line for each new text. */
export async function openBoard(out: NodeJS.WriteStream, names: readonly string[]): Promise<Board> {
  if (!(out instanceof WriteStream) || process.env.TERM === "dumb") return new PlainBoard(out, names.length > 1);
  // Drawing needs a large library, so load it only for a terminal.
  const { LiveBoard } = await import("./live-board.ts");
  return new LiveBoard(out);
}
