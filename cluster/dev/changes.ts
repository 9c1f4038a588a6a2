import { watch } from "node:fs";
import { join, sep } from "node:path";

const root = join(import.meta.dirname, "../..");

/** Milliseconds to wait for further changes after a change: an editor or git writes several files. */
const rest = 150;

/** Calls `changed` with the changed files below folders of the project, until the signal is aborted. */
export function onChanges(folders: readonly string[], changed: (files: string[]) => void, signal: AbortSignal): void {
  const files = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    changed([...files].toSorted());
    files.clear();
  };
  for (const folder of folders) {
    watch(join(root, folder), { recursive: true, signal }, (_event, name) => {
      if (name === null || !/\.(ts|yaml|json)$/.test(name)) return;
      files.add([folder, ...name.split(sep)].join("/"));
      clearTimeout(timer);
      timer = setTimeout(tell, rest);
    });
  }
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
}
