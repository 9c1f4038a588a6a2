import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Firmware } from "../../instance/host.ts";

/** The fields of QEMU's firmware descriptions that the daemon uses (docs/interop/firmware.json of QEMU). */
interface Description {
  "interface-types"?: string[];
  mapping?: {
    device?: string;
    executable?: { filename?: string; format?: string };
    "nvram-template"?: { filename?: string; format?: string };
  };
  targets?: { architecture?: string; machines?: string[] }[];
  features?: string[];
}

/** The node's UEFI firmware for q35. */
export interface UefiFirmware {
  readonly uefi: Firmware | undefined;
  /** The firmware with Secure Boot. */
  readonly secureUefi: Firmware | undefined;
}

/** The folders of the descriptions. A later folder's description replaces an earlier one of the same name. */
const folders = ["usr/share/qemu/firmware", "etc/qemu/firmware"] as const;

/**
 * Finds UEFI firmware for q35 among the node's firmware descriptions, in the order of their names, as libvirt does.
 * Skips firmware whose files are missing; a machine that asks for it gets an error that names the field.
 */
export async function findUefi(nodeRoot: string, arch: string): Promise<UefiFirmware> {
  const described = new Map<string, string>();
  for (const folder of folders.map((one) => join(nodeRoot, one))) {
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json"));
    for (const name of names) described.set(name, join(folder, name));
  }
  const found: { firmware: Firmware; features: readonly string[] }[] = [];
  for (const name of [...described.keys()].toSorted()) {
    const description = await descriptionIn(described.get(name) ?? "");
    const firmware = uefiOf(description, arch);
    if (firmware && (await isThere(nodeRoot, firmware))) found.push({ firmware, features: description.features ?? [] });
  }
  const first = (fits: (features: readonly string[]) => boolean): Firmware | undefined =>
    found.find(({ features }) => fits(features))?.firmware;
  return {
    uefi: first((features) => !features.some((feature) => secureFeatures.includes(feature))),
    secureUefi: first((features) => secureFeatures.every((feature) => features.includes(feature))),
  };
}

/** Parses a description file; empty for an empty file (an administrator hides another with it) or an invalid one. */
async function descriptionIn(file: string): Promise<Description> {
  try {
    return JSON.parse((await readFile(file, "utf8")) || "{}");
  } catch {
    return {};
  }
}

async function isThere(nodeRoot: string, { code, variables }: Firmware): Promise<boolean> {
  const found = await Promise.all([code, variables].map((file) => lstat(join(nodeRoot, file)).catch(() => undefined)));
  // The target of a link may exist only in the node's own root.
  return found.every((file) => file?.isFile() || file?.isSymbolicLink());
}

const secureFeatures = ["requires-smm", "enrolled-keys", "secure-boot"];

function uefiOf({ mapping, targets = [], ...rest }: Description, arch: string): Firmware | undefined {
  const code = mapping?.executable;
  const variables = mapping?.["nvram-template"];
  const fits =
    rest["interface-types"]?.includes("uefi") &&
    mapping?.device === "flash" &&
    code?.format === "raw" &&
    variables?.format === "raw" &&
    targets.some(({ architecture, machines = [] }) => architecture === arch && machines.some(isQ35));
  return fits && code?.filename && variables?.filename
    ? { code: code.filename, variables: variables.filename }
    : undefined;
}

const isQ35 = (machine: string): boolean => machine.startsWith("pc-q35-");
