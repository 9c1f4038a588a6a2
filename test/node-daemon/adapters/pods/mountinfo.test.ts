import { expect, test } from "vitest";
import { lowerFolders, mountAt, parseMountinfo, samePlaces } from "../../../../node-daemon/adapters/pods/mountinfo.ts";

const container = parseMountinfo(`
1292 1242 0:377 / /var/run/kubevirt/container-disks/root ro,relatime - overlay overlay rw,lowerdir=/a
1293 1242 254:0 /kubelet/pods/u/containers/compute/0a1b /dev/termination-log rw - ext4 /dev/vda rw
`);
const node = parseMountinfo(`
1482 454 0:482 / / rw,relatime shared:423 - overlay overlay rw,lowerdir=/root
669 1513 0:377 / /run/image\\040volumes/x rw,relatime shared:205 - overlay overlay rw,lowerdir=/a
1525 1482 254:0 /kubelet /var/lib/kubelet rw,relatime shared:447 - ext4 /dev/vda rw
`);

test("a mount of a container is found in the node's namespace, whatever its path is there", () => {
  const mount = mountAt(container, "/var/run/kubevirt/container-disks/root")!;
  expect(samePlaces(node, mount)).toEqual(["/run/image volumes/x"]);
});

test("a mount of a part of a file system is found below a mount of a larger part", () => {
  const mount = mountAt(container, "/dev/termination-log")!;
  expect(samePlaces(node, mount)).toEqual(["/var/lib/kubelet/pods/u/containers/compute/0a1b"]);
});

test("what is not mounted on the node is not found", () => {
  expect(samePlaces(node, { device: "0:9", root: "/" })).toEqual([]);
  expect(mountAt(container, "/nowhere")).toBeUndefined();
});

test("the layers of an overlay are found, and nothing where a mount is none or a layer cannot be told", () => {
  const layers = (options: string, type = "overlay"): string[] =>
    parseMountinfo(`1 2 0:9 / /at ro,relatime - ${type} overlay ${options}`).flatMap(lowerFolders);
  expect(layers("rw,lowerdir=/a/2/fs:/a/1/fs,upperdir=/a/3/fs,workdir=/a/3/work,uuid=on")).toEqual([
    "/a/2/fs",
    "/a/1/fs",
  ]);
  expect(layers("ro,lowerdir+=/a/2,lowerdir+=/a/1")).toEqual(["/a/2", "/a/1"]);
  expect(layers("ro,lowerdir=2/fs:1/fs")).toEqual([]);
  expect(layers("ro,lowerdir=/a\\\\:b:/c")).toEqual(["/c"]);
  expect(layers("rw,lowerdir=/a", "ext4")).toEqual([]);
});
