import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { spread } from "./spread.ts";

/** Folders whose tests find the add-on installed: they come last, so that it is seldom installed anew between them. */
const withAddOn: ReadonlySet<string> = new Set(["main-path", "security"]);

/** Folders whose tests emulate guests most of the time. Others wait for much of theirs, and leave these the processor. */
const withGuests: ReadonlySet<string> = new Set(["network", "node-daemon", "storage", "upgrade"]);

/** Runs files in the order of their paths, but those that wait spread among those that have guests. No file needs an order. */
export class FileOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId));
    const of = (kind: (folder: string) => boolean): TestSpecification[] =>
      sorted.filter(({ moduleId }) => kind(relative(import.meta.dirname, moduleId).split("/", 1)[0] ?? ""));
    const last = of((folder) => withAddOn.has(folder));
    const busy = of((folder) => withGuests.has(folder));
    const waiting = of((folder) => !withAddOn.has(folder) && !withGuests.has(folder));
    return [...spread(busy, waiting), ...last];
  }
}
