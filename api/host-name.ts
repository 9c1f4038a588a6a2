/** The longest DNS label. */
const maximum = 63;

/** The fields of an instance that determine its host name. */
export interface HostNameSource {
  readonly metadata: { readonly name?: string };
  readonly spec: { readonly hostname?: string | undefined };
}

/**
 * The host name of an instance's pod and of its guest, a DNS label. The cluster's DNS, DHCP and cloud-init's data all
 * use this function, so they agree. Without a host name in the spec, it is the part of the name before the first dot,
 * as KubeVirt's clients expect (`SanitizeHostname` in its pkg/util/net/dns).
 */
export function hostnameOf({ metadata, spec }: HostNameSource): string {
  const [label = ""] = (metadata.name ?? "").split(".");
  // A part of a name may be longer than a label, and a label must not end with a hyphen.
  return spec.hostname || label.slice(0, maximum).replace(/-+$/, "");
}
