import { XMLParser } from "fast-xml-parser";
import type { InstanceIdentity } from "../instance/identity.ts";

/** The daemon's one reader of libvirt's XML: all attributes as text, and these elements always as lists. */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  removeNSPrefix: true,
  parseTagValue: false,
  isArray: (name) => name === "disk" || name === "channel" || name === "seclabel",
});

/** Facts from a domain's XML. */
export interface DomainFacts {
  /** The kind of machine with its version, such as `pc-q35-7.2`. */
  readonly machine: string | undefined;
  /** Whether the guest agent is connected. Only the XML of an active domain says so. */
  readonly agent: boolean;
  /** The user as which QEMU runs. */
  readonly user: number | undefined;
  /** The disks' own files or devices, without their backing files, by target, such as `vda`. */
  readonly files: ReadonlyMap<string, string>;
}

interface DomainXml {
  readonly os?: { readonly type?: { readonly machine?: string } };
  readonly devices?: { readonly disk?: readonly DiskXml[]; readonly channel?: readonly ChannelXml[] };
  readonly seclabel?: readonly { readonly model?: string; readonly label?: string }[];
}

interface DiskXml {
  readonly source?: { readonly file?: string; readonly dev?: string };
  readonly target?: { readonly dev?: string };
}

interface ChannelXml {
  readonly target?: { readonly name?: string; readonly state?: string };
}

/** Reads the XML of a domain. */
export function readDomain(xml: string): DomainFacts {
  const { domain = {} }: { domain?: DomainXml } = parser.parse(xml);
  const { disk: disks = [], channel: channels = [] } = domain.devices ?? {};
  // The form of a user's label is `+UID:+GID`.
  const label = domain.seclabel?.find(({ model }) => model === "dac")?.label;
  const user = /^\+(\d+):/.exec(label ?? "")?.[1];
  return {
    machine: domain.os?.type?.machine,
    agent: channels.some(({ target }) => target?.name === "org.qemu.guest_agent.0" && target.state === "connected"),
    user: user === undefined ? undefined : Number(user),
    files: new Map(
      disks.flatMap(({ source, target }) => {
        const file = source?.file ?? source?.dev;
        return file !== undefined && target?.dev !== undefined ? [[target.dev, file] as const] : [];
      }),
    ),
  };
}

/** Reads the daemon's metadata element; undefined when it is not the daemon's. */
export function readMetadata(xml: string): InstanceIdentity | undefined {
  const { instance = {} }: { instance?: Partial<InstanceIdentity> } = parser.parse(xml);
  const { namespace, name, uid } = instance;
  return namespace && name && uid ? { namespace, name, uid } : undefined;
}
