import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { connect, type OnReadOpts, Socket } from "node:net";

/** Linux's flag to open a path without its file, because a socket cannot be opened. Node has no name for it. */
const O_PATH = 0o10000000;

/**
 * Connects to a socket in a folder of QEMU. A guest that has taken over its QEMU may put a link there, to a socket that
 * only root may reach. This function follows no link. Failures are events, as with `connect`.
 */
export function connectToQemu(path: string, options: { onread?: OnReadOpts } = {}): Socket {
  let held: number | undefined;
  try {
    held = openSync(path, O_PATH | constants.O_NOFOLLOW);
    if (!fstatSync(held).isSocket()) throw new Error(`${path} is no socket`);
    // Node connects before this returns, so the path still leads to the checked file.
    return connect({ ...options, path: `/proc/self/fd/${held}` });
  } catch (error) {
    return new Socket().destroy(error instanceof Error ? error : new Error(String(error)));
  } finally {
    if (held !== undefined) closeSync(held);
  }
}
