/** A line of `/proc/PID/mountinfo`, limited to the fields that the daemon uses (proc(5)). */
export interface Mount {
  /** `major:minor` of the mounted file system. */
  readonly device: string;
  /** The path within the file system that is mounted. */
  readonly root: string;
  /** The mount point. */
  readonly point: string;
}

/** A mount, and the file system behind it. */
export interface FileSystemMount extends Mount {
  /** The file system's name, such as `ext4`. */
  readonly type: string;
  readonly options: string;
}

/** Parses a `mountinfo` file. Skips malformed lines. */
export function parseMountinfo(text: string): FileSystemMount[] {
  return text.split("\n").flatMap((line) => {
    const [mount = "", fileSystem = ""] = line.split(" - ");
    const [, , device, root, point] = mount.split(" ");
    const [type = "", , options = ""] = fileSystem.split(" ");
    return device && root && point ? [{ device, root: unescape(root), point: unescape(point), type, options }] : [];
  });
}

/** The lower folders of an overlay, the uppermost first, without the writable one. */
export function lowerFolders({ type, options }: FileSystemMount): string[] {
  if (type !== "overlay") return [];
  const folders = options.split(",").flatMap((option) => /^lowerdir\+?=(.*)$/.exec(option)?.[1]?.split(":") ?? []);
  // The base folder of relative paths is not known. Colons in names are not worth a parser.
  return folders.filter((folder) => folder.startsWith("/") && !folder.includes("\\"));
}

/** The last mount at a path, which is the visible one. */
export function mountAt(mounts: readonly Mount[], point: string): Mount | undefined {
  return mounts.findLast((mount) => mount.point === point);
}

/** The paths where another mount namespace may show the same part of the same file system. */
export function samePlaces(mounts: readonly Mount[], { device, root }: Pick<Mount, "device" | "root">): string[] {
  return mounts.flatMap((mount) => {
    if (mount.device !== device) return [];
    if (mount.root === root) return [mount.point];
    const above = mount.root === "/" ? "/" : `${mount.root}/`;
    return root.startsWith(above) ? [`${mount.point === "/" ? "" : mount.point}/${root.slice(above.length)}`] : [];
  });
}

/** mountinfo writes spaces, tabs, newlines and backslashes as octal numbers. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 8)));
}
