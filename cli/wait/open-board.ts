import { WriteStream } from "node:tty";
import type { Board } from "./board.ts";
import { PlainBoard } from "./plain-board.ts";

/** A board that is redrawn in place on a terminal; elsewhere, each new text is a line. */
export async function openBoard(out: NodeJS.WriteStream, names: readonly string[]): Promise<Board> {
  if (!(out instanceof WriteStream) || process.env.TERM === "dumb") return new PlainBoard(out, names.length > 1);
  // Drawing takes a large library: who draws nothing does without.
  const { LiveBoard } = await import("./live-board.ts");
  return new LiveBoard(out);
}
