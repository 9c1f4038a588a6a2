import type { ReadStream } from "node:tty";

/**
 * Puts a terminal into raw mode, so that every key reaches the guest. Returns a function that restores the mode. The
 * mode is also restored on every other exit (an exception, a signal, `process.exit`) and while the program is stopped.
 */
export function rawMode(terminal: ReadStream): () => void {
  const on = (): void => {
    // Off first: libuv ignores a call for the mode that it remembers, but a shell may have changed the mode since.
    terminal.setRawMode(false);
    terminal.setRawMode(true);
  };
  const off = (): void => {
    terminal.setRawMode(false);
  };
  const stop = (): void => {
    off();
    // Our handler replaced the default action of the signal.
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
