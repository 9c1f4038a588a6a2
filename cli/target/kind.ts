import { group } from "../../api/group.ts";
import { kinds } from "../../api/kinds.ts";

/** A kind that commands can be given. */
export type TargetKind = "VirtualMachine" | "VirtualMachineInstance";

/** The kind that a word of the command line stands for, as `vm`, `vmis` or `virtualmachines.kubevirt.io`. */
export function kindOfWord(word: string): TargetKind | undefined {
  const bare = word.toLowerCase().replace(/\.(v1\.)?kubevirt\.io$/, "");
  for (const kind of ["VirtualMachine", "VirtualMachineInstance"] as const) {
    const { plural, singular, shortNames } = kinds[kind];
    if ([plural, singular, ...shortNames].some((name) => name === bare)) return kind;
  }
  return undefined;
}

/** How kubectl names an object: `virtualmachine.kubevirt.io/web`. */
export function fullName(kind: TargetKind, name: string): string {
  return `${kinds[kind].singular}.${group.name}/${name}`;
}
