/** The Debian release whose packages the cluster's programs and the guests are made from. */
export const debianSuite = "bookworm";

/**
 * What the local cluster is made of. The Go programs' versions stand again in `programs/(name)/go.mod`, which pins all that
 * they are built from; a test holds the two together.
 */
export const versions = {
  kubernetes: "1.37.2",
  etcd: "3.7.2",
  containerd: "2.4.2",
  coredns: "1.15.0",
  localPathProvisioner: "0.0.30",
} as const;

/** Debian packages of a node's root folder, each with what it depends on. */
export const nodePackages = [
  // libvirt and what its guests need
  "libvirt-daemon-system",
  "libvirt-clients",
  "qemu-system-x86",
  "qemu-utils",
  "ovmf",
  "swtpm",
  "swtpm-tools",
  "dnsmasq-base",
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
  "systemd",
  "ca-certificates",
  "curl",
] as const;
