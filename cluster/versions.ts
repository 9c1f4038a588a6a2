/** The Debian release of the packages for the cluster's programs and the guests. */
export const debianSuite = "bookworm";

/**
 * The versions of the local cluster's parts. The Go programs' versions are also in `programs/(name)/go.mod`, which pins
 * all their dependencies. A test checks that both agree.
 */
export const versions = {
  kubernetes: "1.37.2",
  etcd: "3.7.2",
  containerd: "2.4.2",
  coredns: "1.15.0",
  localPathProvisioner: "0.0.30",
} as const;
