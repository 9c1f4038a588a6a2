import type { InstanceIdentity } from "../instance/identity.ts";

// The daemon's one reader of libvirt's XML. libvirt writes it always in the same form: attributes in quotes, `<`, `>`
// and `&` as entities, no comments. The daemon reads such a text several times for each start, and a parser of all of
// it would take a fifth of the daemon's CPU time for a start.

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

/** Reads the XML of a domain. */
export function readDomain(xml: string): DomainFacts {
  const [type] = tagsOf(xml, "type");
  // The form of a user's label is `+UID:+GID`.
  const label = /<seclabel [^>]*model='dac'[^>]*>\s*<label>\+(\d+):/.exec(xml)?.[1];
  return {
    machine: type?.get("machine"),
    agent: tagsOf(xml, "target").some(
      (target) => target.get("name") === "org.qemu.guest_agent.0" && target.get("state") === "connected",
    ),
    user: label === undefined ? undefined : Number(label),
    files: new Map(
      (xml.match(/<disk [^]*?<\/disk>/g) ?? []).flatMap((disk) => {
        const target = tagsOf(disk, "target")[0]?.get("dev");
        // A disk's own source comes before that of its backing file.
        const [source] = tagsOf(disk, "source");
        const file = source?.get("file") ?? source?.get("dev");
        return target !== undefined && file !== undefined ? [[target, file] as const] : [];
      }),
    ),
  };
}

/** Reads the daemon's metadata element; undefined when it is not the daemon's. */
export function readMetadata(xml: string): InstanceIdentity | undefined {
  const [instance] = tagsOf(xml, "instance");
  const [namespace, name, uid] = ["namespace", "name", "uid"].map((attribute) => instance?.get(attribute));
  return namespace && name && uid ? { namespace, name, uid } : undefined;
}

/** The attributes of each element with a name, in any namespace, in the order of the text. */
function tagsOf(xml: string, name: string): Map<string, string>[] {
  return [...xml.matchAll(new RegExp(`<(?:[\\w-]+:)?${name}(\\s[^>]*)?>`, "g"))].map(
    ([, attributes = ""]) =>
      new Map(
        [...attributes.matchAll(/([\w:-]+)=(?:'([^']*)'|"([^"]*)")/g)].map(([, key = "", single, double]) => [
          key,
          decoded(single ?? double ?? ""),
        ]),
      ),
  );
}

const entities: Readonly<Record<string, string>> = { amp: "&", apos: "'", gt: ">", lt: "<", quot: '"' };

function decoded(text: string): string {
  return text.replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole);
}
