/** The Debian release whose packages the cluster's programs and the guests are made from. */
export const debianSuite = "bookworm";
