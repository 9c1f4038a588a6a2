import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Runs files in the order of their paths: those that find the add-on installed come one after another, and it is seldom
 * installed anew between them. No file needs that order.
 */
export class ByPath extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId));
  }
}
