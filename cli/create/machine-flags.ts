import { type Command, InvalidArgumentError, Option } from "commander";
import type { VirtualMachine } from "../../api/resources.ts";
import type { RunStrategy } from "../../api/status/virtual-machine-states.ts";
import type { Cli } from "../cli.ts";
import { Failure } from "../failure.ts";
import { fileBytes, fileText } from "../flags/files.ts";
import { duration, quantity, repeated, wholeNumber } from "../flags/values.ts";
import { userData, warningOf } from "../manifest/cloud-init.ts";
import { machineManifest, type PullPolicy, pullPolicies } from "../manifest/machine.ts";
import { sshKeysOf } from "../manifest/ssh-keys.ts";
import { parseTarget } from "../target/target.ts";

/** The flags that describe a new machine. */
export interface MachineFlags {
  image?: string;
  imagePullPolicy?: PullPolicy;
  memory: string;
  cpus: number;
  cloudInit?: string;
  sshKey?: string[];
  labels?: Record<string, string>;
  annotation?: Record<string, string>;
  disk?: string[];
  pvc?: string[];
  network?: string[];
  nodeSelector?: Record<string, string>;
}

/** What the flags of a command leave to it. */
export interface MachineSettings {
  readonly runStrategy: RunStrategy;
  /** Milliseconds after which the machine is deleted, unless somebody renews it. */
  readonly expire?: number | undefined;
  /** More public keys that may log in, and the user data to add them to if `--cloud-init` gives none. */
  readonly keys?: readonly string[];
  readonly userData?: string;
}

/** Gives a command the flags of a new machine. */
export function addMachineFlags(command: Command): Command {
  return command
    .option("--image <reference>", "the container image that holds the root disk")
    .addOption(
      new Option("--image-pull-policy <policy>", "when the node pulls the image (default: as for pods)").choices(
        pullPolicies,
      ),
    )
    .addOption(new Option("--memory <quantity>", "the guest's memory").argParser(quantity).default("512Mi", "512Mi"))
    .addOption(new Option("--cpus <count>", "the guest's CPUs").argParser(wholeNumber(1)).default(1, "1"))
    .option("--cloud-init <file>", "user data for cloud-init; - is standard input")
    .option("--ssh-key <file>", "a public key that may log in, by cloud-init; may be repeated", repeated)
    .addOption(
      new Option("--disk <size>", "an empty disk that is gone with the instance; may be repeated").argParser(
        (text: string, before?: string[]) => repeated(quantity(text), before),
      ),
    )
    .option("--pvc <claim>", "a claim as a disk; may be repeated", repeated)
    .option("--network <definition>", "a network of Multus beside the pod's; may be repeated", repeated)
    .addOption(
      new Option("--node-selector <labels>", "labels that the node must have, as zone=a,disk=ssd").argParser(labelsOf),
    )
    .addOption(new Option("-l, --labels <labels>", "labels, as app=web,tier=front").argParser(labelsOf))
    .addOption(
      new Option("--annotation <name=value>", "an annotation of the machine; may be repeated").argParser(annotationsOf),
    );
}

/** Makes the manifest of a machine from a command's flags. Reads their files. */
export async function machineFromFlags(
  cli: Cli,
  flags: MachineFlags,
  name: string,
  { runStrategy, expire, keys: given = [], userData: base }: MachineSettings,
): Promise<VirtualMachine> {
  // A blank value comes from an unset variable. No node could ever pull such an image.
  if (!flags.image?.trim()) throw new Failure('required flag "image" not set: the image that holds the root disk');
  const target = parseTarget(name);
  if (target.kind !== "VirtualMachine") throw new Failure(`"${name}": create makes virtual machines; see --filename`);
  const { image, imagePullPolicy, memory, cpus, labels = {} } = flags;
  const { annotation: annotations, disk: disks, pvc: claims, network: networks, nodeSelector } = flags;
  const keys = [...given];
  for (const file of flags.sshKey ?? []) keys.push(...sshKeysOf(await fileText(cli, file, "--ssh-key"), file));
  const own = flags.cloudInit === undefined ? undefined : await fileBytes(cli, flags.cloudInit, "--cloud-init");
  const from = own ?? (base === undefined ? undefined : Buffer.from(base));
  const data = from === undefined && keys.length === 0 ? undefined : userData(from, keys);
  const warning = warningOf(data);
  if (warning !== undefined) cli.say(`Warning: ${warning}`);
  const manifest = machineManifest({
    name: target.name,
    image,
    imagePullPolicy,
    memory,
    cpus,
    runStrategy,
    labels,
    userData: data,
    expire,
    annotations,
    disks,
    claims,
    networks,
    nodeSelector,
  });
  const { namespace } = target;
  return { ...manifest, metadata: { ...manifest.metadata, ...(namespace === undefined ? {} : { namespace }) } };
}

/** Parses the flag of an expiry to milliseconds. */
export function lifetime(text: string): number {
  const milliseconds = duration(text);
  if (milliseconds === 0) throw new InvalidArgumentError("the machine would be deleted at once");
  return milliseconds;
}

/** Collects annotations; a value may hold any characters. */
function annotationsOf(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError(`"${text}" is no annotation such as team=a`);
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(",").map((pair) => {
      const match = /^([^=]+)=([A-Za-z0-9_.-]*)$/.exec(pair);
      if (!match) throw new InvalidArgumentError(`"${pair}" is no label such as app=web`);
      return [match[1] ?? "", match[2] ?? ""];
    }),
  );
}
