import { access, readFile, rename, rm, writeFile } from "node:fs/promises";
import { isGone } from "../../api/values/error-code.ts";

/** Writes a file that `readWhole` reads. */
export async function writeWhole(file: string, value: unknown): Promise<void> {
  // After a power failure the name may exist without the content, unless the content is flushed first.
  await writeFile(`${file}.part`, JSON.stringify(value), { mode: 0o600, flush: true });
  await rename(`${file}.part`, file);
}

/** Reads a file of `writeWhole`; undefined when it is missing, or when a power failure has left no JSON in it. */
export async function readWhole<T>(file: string): Promise<T | undefined> {
  try {
    const value: T = JSON.parse(await readFile(file, "utf8"));
    return value;
  } catch (error) {
    if (error instanceof SyntaxError || isGone(error)) return undefined;
    throw error;
  }
}

/** Makes a file under a temporary name first, so that the final name means a complete file. Keeps an existing file. */
export async function makeWhole(file: string, make: (part: string) => Promise<unknown>): Promise<void> {
  if (await exists(file)) return;
  const part = `${file}.part`;
  await rm(part, { force: true });
  await make(part);
  await rename(part, file);
}

/** Whether something exists at a path. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Returns an empty list when the error says that the folder is gone. Throws every other error again. */
export function emptyIfGone(error: unknown): never[] {
  if (!isGone(error)) throw error;
  return [];
}
