import { describe, expect, test } from "vitest";
import { parseAddress } from "../../node-libvirt/src/rpc/address.ts";

describe("an address", () => {
  test.each([
    ["/some/sock", { transport: "unix", path: "/some/sock", uri: "qemu:///system" }],
    ["qemu+unix:///session?socket=/x/y", { transport: "unix", path: "/x/y", uri: "qemu:///session" }],
    ["qemu+tcp://node-1/system", { transport: "tcp", host: "node-1", port: 16509, uri: "qemu:///system" }],
    ["qemu+tcp://[fd00::1]:99/system", { transport: "tcp", host: "fd00::1", port: 99 }],
    ["qemu+tls://node-1/system", { transport: "tls", host: "node-1", port: 16514 }],
    ["qemu://node-1/system", { transport: "tls", host: "node-1", port: 16514 }],
    ["test+unix:///default?socket=/s", { path: "/s", uri: "test:///default" }],
  ])("%s is understood", (target, expected) => {
    expect(parseAddress(target)).toMatchObject({ ...expected, readOnly: false });
  });

  test("qemu:///system is the socket of the machine's libvirt", () => {
    expect(parseAddress("qemu:///system")).toMatchObject({
      transport: "unix",
      path: expect.stringMatching(/^\/run\/libvirt\/(libvirt|virtqemud)-sock$/),
    });
    expect(parseAddress("qemu:///system", { readOnly: true })).toMatchObject({
      path: expect.stringMatching(/-sock-ro$/),
      readOnly: true,
    });
  });

  test("a bare path opens the hypervisor one asks for", () => {
    expect(parseAddress("/s", { uri: "qemu:///session" })).toMatchObject({ uri: "qemu:///session" });
  });

  test.each(["qemu+ssh://host/system", "relative/path", "", "http//x"])("%s is refused", (target) => {
    expect(() => parseAddress(target)).toThrow(TypeError);
  });
});
