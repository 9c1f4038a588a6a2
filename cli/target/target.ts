import { Failure } from "../failure.ts";
import { kindOfWord, type TargetKind } from "./kind.ts";

/** An object named on the command line. */
export interface Target {
  readonly kind: TargetKind;
  readonly name: string;
  /** The namespace in the argument or the manifest; if missing, the client's. */
  readonly namespace?: string | undefined;
}

/** The targets of a command: objects by name or, without names, all objects of some kinds. */
export interface Targets {
  readonly kinds: readonly TargetKind[];
  readonly named: readonly Target[];
}

/**
 * Parses arguments in kubectl's forms, `NAME…`, `TYPE NAME…`, `TYPE/NAME…` and `TYPE[,TYPE]`, and in the form of
 * KubeVirt's client, `TYPE/NAME/NAMESPACE`. A name without a type is a virtual machine's.
 */
export function parseTargets(args: readonly string[], fallback: TargetKind = "VirtualMachine"): Targets {
  const [first = "", ...rest] = args;
  const types = first.split(",").map(kindOfWord);
  if (args.length > 0 && types.every((type) => type !== undefined)) {
    const kinds = types.filter((type) => type !== undefined);
    const mixed = rest.find((name) => name.includes("/"));
    if (mixed !== undefined) {
      throw new Failure(`"${first}" needs plain names after it; "${mixed}" has a type of its own`);
    }
    return { kinds, named: kinds.flatMap((kind) => rest.map((name) => ({ kind, name }))) };
  }
  const named = args.map((arg) => parseTarget(arg, fallback));
  return { kinds: [...new Set(named.map(({ kind }) => kind))], named };
}

/** Throws Failure, in kubectl's words, if the arguments have both names and a selector. */
export function refuseSelector({ named }: Targets, ...selectors: readonly (string | undefined)[]): void {
  if (named.length > 0 && selectors.some((selector) => selector !== undefined)) {
    throw new Failure("name cannot be provided when a selector is specified");
  }
}

/** Parses one argument, `NAME`, `TYPE/NAME` or `TYPE/NAME/NAMESPACE`. */
export function parseTarget(arg: string, fallback: TargetKind = "VirtualMachine"): Target {
  const [type = "", name, namespace, ...more] = arg.split("/");
  if (name === undefined) return { kind: fallback, name: checked(type, arg) };
  const kind = kindOfWord(type);
  if (kind === undefined) throw new Failure(`unknown type "${type}" in "${arg}"; there are vm and vmi`);
  if (more.length > 0) throw new Failure(`"${arg}" has more than a type, a name and a namespace`);
  if (namespace === undefined) return { kind, name: checked(name, arg) };
  return { kind, name: checked(name, arg), namespace: checked(namespace, arg, "namespace") };
}

/** Parses the arguments of a command for one object: `NAME`, `TYPE/NAME`, `TYPE/NAME/NAMESPACE` or `TYPE NAME`. */
export function oneTarget(args: readonly string[]): Target {
  const { named } = parseTargets(args);
  const [target] = named;
  if (target === undefined) throw new Failure(`a name is needed after "${args.join(" ")}"`);
  if (named.length > 1) throw new Failure(`one name is needed, not ${named.length}: ${args.join(" ")}`);
  return target;
}

function checked(name: string, arg: string, what: "name" | "namespace" = "name"): string {
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name) || name.length > 253) {
    throw new Failure(
      `invalid ${what} "${name}"${name === arg ? "" : ` in "${arg}"`}: lower case letters, digits, "-" and "." are allowed, with a letter or digit at both ends`,
    );
  }
  return name;
}
