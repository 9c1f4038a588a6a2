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
