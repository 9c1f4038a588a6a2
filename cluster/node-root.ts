import { mkdtempDisposable } from "node:fs/promises";
import { join } from "node:path";
import { cached, digest } from "./cache.ts";
import { debianRoot } from "./debian.ts";
import { hold } from "./images/hold.ts";
import { contentDigest } from "./images/recipe.ts";
import { compileStatic } from "./images/static-program.ts";
import type { Step } from "./progress.ts";
import { debianSuite } from "./versions.ts";

/** The packages in the root folder; their dependencies are added. */
const packages = [
  // libvirt and its guests' needs
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
  // for the kubelet, our scripts and a person in the node
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

/** The Debian root folder of the cluster's machines, made on first use. */
export async function nodeRoot(step: Step): Promise<string> {
  return cached(step, "node-root", digest(debianSuite, ...packages), (folder, making) =>
    debianRoot(making, folder, { packages }),
  );
}

/** The program that becomes a machine's first process, compiled on first use. */
export async function holdProgram(step: Step): Promise<string> {
  const folder = await cached(step, "hold", await contentDigest(hold.inputs), async (entry, making) => {
    await using scratch = await mkdtempDisposable(join(entry, "scratch-"));
    await compileStatic(making, scratch.path, "hold", join(entry, "hold"));
  });
  return join(folder, "hold");
}
