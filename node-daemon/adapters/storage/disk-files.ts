/**
 * The files of a domain's disks, by libvirt's names of these such as `vda`, out of its XML. libvirt writes it, always in
 * the same way: a disk's own file comes before that which lies below it.
 */
export function diskFiles(xml: string): Map<string, string> {
  const disks = xml.match(/<disk [^]*?<\/disk>/g) ?? [];
  return new Map(
    disks.flatMap((disk) => {
      const target = /<target dev='([^']+)'/.exec(disk)?.[1];
      const file = /<source (?:file|dev)='([^']+)'/.exec(disk)?.[1];
      return target !== undefined && file !== undefined ? [[target, file] as const] : [];
    }),
  );
}
