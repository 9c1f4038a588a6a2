import { type FSWatcher, watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { type Log, noLog } from "../../api/kube/log.ts";

/** Contents of the TLS files of one end. */
export interface TlsContents {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Reads `ca.crt`, `tls.crt` and `tls.key` of a folder. Throws when one is missing or they do not belong together. */
export async function readTlsFiles(folder: string): Promise<TlsContents> {
  const [ca, cert, key] = await Promise.all(
    ["ca.crt", "tls.crt", "tls.key"].map((name) => readFile(join(folder, name), "utf8")),
  );
  // A writer may have emptied a file to fill it. Without a CA, Node.js would trust the public ones.
  if (!ca || !cert || !key) throw new Error(`${folder}: tls.crt, tls.key or ca.crt is empty`);
  const contents = { ca, cert, key };
  try {
    createSecureContext(contents);
  } catch (error) {
    throw new Error(`${folder}: tls.crt, tls.key and ca.crt are not a certificate, its key and its CA`, {
      cause: error,
    });
  }
  return contents;
}

/**
 * Calls back with the TLS files of a folder whenever they change, until the signal aborts. Skips files that do not
 * belong together, for example during a write. A check at every interval finds changes that the kernel did not report.
 */
export function watchTlsFiles(
  folder: string,
  known: TlsContents,
  changed: (contents: TlsContents) => void,
  { signal, log = noLog, interval = 60_000 }: { signal: AbortSignal; log?: Log; interval?: number },
): void {
  let last = known;
  let reading: Promise<void> | undefined;
  let again = false;
  const read = async (): Promise<void> => {
    do {
      again = false;
      try {
        const contents = await readTlsFiles(folder);
        if (signal.aborted || same(contents, last)) continue;
        last = contents;
        changed(contents);
        log("info", "TLS files changed", { folder });
      } catch (error) {
        log("warn", "TLS files not read", { folder, error });
      }
    } while (again);
    reading = undefined;
  };
  const look = (): void => {
    if (reading) again = true;
    else reading = read();
  };
  const unwatched = (error: unknown): void => log("warn", "TLS folder not watched", { folder, error });
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(folder, look).on("error", unwatched);
  } catch (error) {
    // For example, all inotify watches of the node are in use.
    unwatched(error);
  }
  const timer = setInterval(look, interval).unref();
  signal.addEventListener("abort", () => {
    watcher?.close();
    clearInterval(timer);
  });
}

function same(a: TlsContents, b: TlsContents): boolean {
  return a.ca === b.ca && a.cert === b.cert && a.key === b.key;
}
