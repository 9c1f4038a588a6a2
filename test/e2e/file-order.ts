import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { withAddOn, withGuests } from "./folders.ts";
import { spread } from "./spread.ts";

/** Orders files by path, and spreads the waiting ones among those with guests. No file depends on the order. */
export class FileOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId));
    const of = (kind: (folder: string) => boolean): TestSpecification[] =>
      sorted.filter(({ moduleId }) => kind(relative(import.meta.dirname, moduleId).split("/", 1)[0] ?? ""));
    const last = of((folder) => withAddOn.has(folder));
    const busy = of((folder) => withGuests.has(folder) && !withAddOn.has(folder));
    const waiting = of((folder) => !withGuests.has(folder));
    return [...spread(busy, waiting), ...last];
  }
}
