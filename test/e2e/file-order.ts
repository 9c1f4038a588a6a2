import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { spread } from "./spread.ts";

/** Folders whose tests use the installed add-on. They come last, so that few reinstallations happen between them. */
const withAddOn: ReadonlySet<string> = new Set(["main-path", "security"]);

/** Folders whose tests mostly emulate guests. Other tests mostly wait, and leave the processor to these. */
const withGuests: ReadonlySet<string> = new Set(["network", "node-daemon", "storage", "upgrade"]);

/** Orders files by path, and spreads the waiting ones among those with guests. No file depends on the order. */
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
