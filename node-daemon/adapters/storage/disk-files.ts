/**
 * The files of a domain's disks, from its XML, by libvirt's target names such as `vda`. libvirt writes the XML always
 * in the same form: a disk's own file comes before its backing file.
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
