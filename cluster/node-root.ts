import { mkdtempDisposable } from "node:fs/promises";
import { join } from "node:path";
import { cached, digest } from "./cache.ts";
import { debianRoot } from "./debian.ts";
import { hold } from "./images/hold.ts";
import { contentDigest } from "./images/recipe.ts";
import { compileStatic } from "./images/static-program.ts";
import type { Step } from "./progress.ts";
import { debianSuite } from "./versions.ts";

/** What is in the root folder, each with what it depends on. */
const packages = [
  // libvirt and what its guests need
  "libvirt-daemon-system",
  "libvirt-clients",
  "qemu-system-x86",
  "qemu-utils",
  "ovmf",
  "swtpm",
  "swtpm-tools",
  "dnsmasq-base",
  "udhcpd",
  "xorriso",
  // containers and their network
  "runc",
  "containernetworking-plugins",
  "nftables",
  "iptables",
  "conntrack",
  "ethtool",
  // what the kubelet, our scripts and a person in the node call
  "iproute2",
  "iputils-ping",
  "util-linux",
  "mount",
  "procps",
  "kmod",
  "e2fsprogs",
  "busybox-static",
  "socat",
  // the way from the machine's loopback to the API server
  "systemd",
  "haproxy",
  "ca-certificates",
  "curl",
] as const;

/** The Debian root folder that the cluster's machines stand on, made the first time it is asked for. */
export async function nodeRoot(step: Step): Promise<string> {
  return cached(step, "node-root", digest(debianSuite, ...packages), (folder, making) =>
    debianRoot(making, folder, { packages }),
  );
}

/** The program that becomes a machine's first process, compiled the first time it is asked for. */
export async function holdProgram(step: Step): Promise<string> {
  const folder = await cached(step, "hold", await contentDigest(hold.inputs), async (entry, making) => {
    await using scratch = await mkdtempDisposable(join(entry, "scratch-"));
    await compileStatic(making, scratch.path, "hold", join(entry, "hold"));
  });
  return join(folder, "hold");
}
