/** A line of `/proc/PID/mountinfo`, as far as it is of use here (proc(5)). */
export interface Mount {
  /** `major:minor` of the mounted file system. */
  readonly device: string;
  /** What of the file system is mounted. */
  readonly root: string;
  /** Where. */
  readonly point: string;
}

/** A mount, and the file system behind it. */
export interface FileSystemMount extends Mount {
  /** The file system's name, such as `ext4`. */
  readonly type: string;
  readonly options: string;
}

/** Reads a `mountinfo`; lines that are none are passed over. */
export function parseMountinfo(text: string): FileSystemMount[] {
  return text.split("\n").flatMap((line) => {
    const [mount = "", fileSystem = ""] = line.split(" - ");
    const [, , device, root, point] = mount.split(" ");
    const [type = "", , options = ""] = fileSystem.split(" ");
    return device && root && point ? [{ device, root: unescape(root), point: unescape(point), type, options }] : [];
  });
}

/** The folders that an overlay shows, the uppermost first, without that to which it writes. */
export function lowerFolders({ type, options }: FileSystemMount): string[] {
  if (type !== "overlay") return [];
  const folders = options.split(",").flatMap((option) => /^lowerdir\+?=(.*)$/.exec(option)?.[1]?.split(":") ?? []);
  // Relative ones are those of a folder that nobody tells; colons in names are not worth a parser.
  return folders.filter((folder) => folder.startsWith("/") && !folder.includes("\\"));
}

/** The last mount at a path: what is seen there. */
export function mountAt(mounts: readonly Mount[], point: string): Mount | undefined {
  return mounts.findLast((mount) => mount.point === point);
}

/** The paths at which the same part of the same file system may be seen in another mount namespace. */
export function samePlaces(mounts: readonly Mount[], { device, root }: Pick<Mount, "device" | "root">): string[] {
  return mounts.flatMap((mount) => {
    if (mount.device !== device) return [];
    if (mount.root === root) return [mount.point];
    const above = mount.root === "/" ? "/" : `${mount.root}/`;
    return root.startsWith(above) ? [`${mount.point === "/" ? "" : mount.point}/${root.slice(above.length)}`] : [];
  });
}

/** Spaces, tabs, newlines and backslashes are written as octal numbers. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 8)));
}
