import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Firmware } from "../host.ts";

/** What of QEMU's firmware descriptions is of use here (docs/interop/firmware.json of QEMU). */
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

/** The node's UEFI for q35. */
export interface UefiFirmware {
  readonly uefi: Firmware | undefined;
  /** That with Secure Boot. */
  readonly secureUefi: Firmware | undefined;
}

/** Finds UEFI for q35 among the firmware descriptions of the node, as libvirt does: in their order. */
export async function findUefi(nodeRoot: string, arch: string): Promise<UefiFirmware> {
  const folder = join(nodeRoot, "usr/share/qemu/firmware");
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json"));
  const found: Description[] = [];
  for (const name of names.toSorted()) {
    const description: Description = JSON.parse(await readFile(join(folder, name), "utf8"));
    found.push(description);
  }
  const first = (fits: (features: readonly string[]) => boolean): Firmware | undefined =>
    found.flatMap((one) => (fits(one.features ?? []) ? (uefiOf(one, arch) ?? []) : []))[0];
  return {
    uefi: first((features) => !features.some((feature) => secureFeatures.includes(feature))),
    secureUefi: first((features) => secureFeatures.every((feature) => features.includes(feature))),
  };
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
