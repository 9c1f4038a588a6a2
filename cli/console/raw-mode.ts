import type { ReadStream } from "node:tty";

/**
 * Puts a terminal into raw mode, so that every key reaches the guest. Returns what takes it back; that also happens on
 * every other way out of the program (an exception, a signal, `process.exit`) and while the program is stopped.
 */
export function rawMode(terminal: ReadStream): () => void {
  const on = (): void => {
    // Off first: libuv does nothing in a mode that it believes to be in, and a shell may have changed it meanwhile.
    terminal.setRawMode(false);
    terminal.setRawMode(true);
  };
  const off = (): void => {
    terminal.setRawMode(false);
  };
  const stop = (): void => {
    off();
    // The handler took the default away.
    process.kill(process.pid, "SIGSTOP");
  };
  const leave = (): void => {
    process.off("exit", leave);
    process.off("SIGTSTP", stop);
    process.off("SIGCONT", on);
    off();
  };
  on();
  process.on("exit", leave);
  process.on("SIGTSTP", stop);
  process.on("SIGCONT", on);
  return leave;
}
