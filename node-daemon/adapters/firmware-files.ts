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

/** Finds UEFI without Secure Boot for q35 among the firmware descriptions of the node, as libvirt does: in their order. */
export async function findUefi(nodeRoot: string, arch: string): Promise<Firmware | undefined> {
  const folder = join(nodeRoot, "usr/share/qemu/firmware");
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json"));
  for (const name of names.toSorted()) {
    const description: Description = JSON.parse(await readFile(join(folder, name), "utf8"));
    const firmware = uefiOf(description, arch);
    if (firmware) return firmware;
  }
  return undefined;
}

function uefiOf({ mapping, targets = [], features = [], ...rest }: Description, arch: string): Firmware | undefined {
  const code = mapping?.executable;
  const variables = mapping?.["nvram-template"];
  const fits =
    rest["interface-types"]?.includes("uefi") &&
    mapping?.device === "flash" &&
    code?.format === "raw" &&
    variables?.format === "raw" &&
    targets.some(({ architecture, machines = [] }) => architecture === arch && machines.some(isQ35)) &&
    !features.some((feature) => ["requires-smm", "enrolled-keys", "secure-boot"].includes(feature));
  return fits && code?.filename && variables?.filename
    ? { code: code.filename, variables: variables.filename }
    : undefined;
}

const isQ35 = (machine: string): boolean => machine.startsWith("pc-q35-");
