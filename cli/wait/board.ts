import { WriteStream } from "node:tty";
import { PlainBoard } from "./plain-board.ts";

/** Says how far several machines are, each by its name. */
export interface Board {
  /** Says what is going on with one. */
  say(name: string, text: string): void;
  /** One is where it was to get, with a last word that stays. */
  done(name: string, text: string): void;
  /** One will not get there. */
  failed(name: string, text: string): void;
  /** Takes away what was said of those that are underway. */
  close(): Promise<void>;
}

/** A board that is redrawn in place on a terminal; elsewhere, each new text is a line. */
export async function openBoard(out: NodeJS.WriteStream, names: readonly string[]): Promise<Board> {
  if (!(out instanceof WriteStream) || process.env.TERM === "dumb") return new PlainBoard(out, names.length > 1);
  // Drawing takes a large library: who draws nothing does without.
  const { LiveBoard } = await import("./live-board.ts");
  return new LiveBoard(out);
}
