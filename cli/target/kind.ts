import { group } from "../../api/group.ts";
import { kinds } from "../../api/kinds.ts";

/** A kind that a command accepts. */
export type TargetKind = "VirtualMachine" | "VirtualMachineInstance";

/** Returns the kind of a word on the command line, such as `vm`, `vmis` or `virtualmachines.kubevirt.io`. */
export function kindOfWord(word: string): TargetKind | undefined {
  const bare = word.toLowerCase().replace(/\.(v1\.)?kubevirt\.io$/, "");
  for (const kind of ["VirtualMachine", "VirtualMachineInstance"] as const) {
    const { plural, singular, shortNames } = kinds[kind];
    if ([plural, singular, ...shortNames].some((name) => name === bare)) return kind;
  }
  return undefined;
}

/** Returns kubectl's name of an object: `virtualmachine.kubevirt.io/web`. */
export function fullName(kind: TargetKind, name: string): string {
  return `${kinds[kind].singular}.${group.name}/${name}`;
}
