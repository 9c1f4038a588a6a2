import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { connect, type OnReadOpts, Socket } from "node:net";

/** Linux' flag for naming a file without opening it, as a socket cannot be opened. Node has no name for it. */
const O_PATH = 0o10000000;

/**
 * Connects to a socket that QEMU has made in a folder of its own. A guest that has taken over its QEMU may put a link
 * there, to a socket that only root may reach; it is not followed. As with `connect`, failures are events.
 */
export function connectToQemu(path: string, options: { onread?: OnReadOpts } = {}): Socket {
  let held: number | undefined;
  try {
    held = openSync(path, O_PATH | constants.O_NOFOLLOW);
    if (!fstatSync(held).isSocket()) throw new Error(`${path} is no socket`);
    // Node connects before this returns. Its path leads to the very file that was looked at.
    return connect({ ...options, path: `/proc/self/fd/${held}` });
  } catch (error) {
    return new Socket().destroy(error instanceof Error ? error : new Error(String(error)));
  } finally {
    if (held !== undefined) closeSync(held);
  }
}
