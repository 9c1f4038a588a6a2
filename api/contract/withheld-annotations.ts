/** Annotations of an instance that its pod does not get, and the reason. */
export interface Withheld {
  readonly why: string;
  readonly names?: readonly string[];
  /** Prefixes of names. */
  readonly prefixes?: readonly string[];
  /** The part of a name before its slash, or the whole of a name without one. Subdomains count too. */
  readonly domains?: readonly string[];
}

/**
 * Annotations that the controller does not copy from an instance to its pod. A user who may create instances may lack
 * the right to create pods, but the controller makes one. It copies annotations, as KubeVirt does, for programs that
 * read them on pods. Those here would give the author more than the spec allows. Admission refuses them; the controller
 * leaves out existing ones and reports them in an event.
 */
export const withheldAnnotations: readonly Withheld[] = [
  {
    why: "networks are in spec.networks, where it is checked whose they are",
    names: [
      "k8s.v1.cni.cncf.io/networks",
      "k8s.v1.cni.cncf.io/network-status",
      "k8s.v1.cni.cncf.io/networks-status",
      "v1.multus-cni.io/default-network",
      // An address that no address pool of the cluster has reserved may belong to another pod or machine.
      "cni.projectcalico.org/ipAddrsNoIpam",
    ],
  },
  {
    why: "how a container is confined, and which devices of the node it has, is not its author's",
    domains: [
      "security.alpha.kubernetes.io",
      "security.beta.kubernetes.io",
      "cdi.k8s.io",
      "crio.io",
      "cri-o.io",
      "nri.io",
      "nri.containerd.io",
      "noderesource.dev",
      "workload.openshift.io",
    ],
    prefixes: ["io.kubernetes.cri", "io.containerd.", "io.katacontainers.", "dev.gvisor.", "run.oci.", "org.systemd."],
  },
  {
    why: "by these the kubelet tells pods that are its own, which it neither evicts nor counts",
    prefixes: ["kubernetes.io/config."],
  },
  {
    why: "what is injected runs and mounts what the injector says, unless its author may make pods",
    names: [
      "inject.istio.io/templates",
      "proxy.istio.io/overrides",
      "sidecar.istio.io/bootstrapOverride",
      "sidecar.istio.io/proxyImage",
      "sidecar.istio.io/userVolume",
      "sidecar.istio.io/userVolumeMount",
      "config.linkerd.io/debug-image",
      "config.linkerd.io/init-image",
      "config.linkerd.io/proxy-image",
      "vault.hashicorp.com/agent-copy-volume-mounts",
      "vault.hashicorp.com/agent-image",
      "vault.hashicorp.com/agent-init-json-patch",
      "vault.hashicorp.com/agent-json-patch",
    ],
  },
];

/** Why an instance's annotation is not copied to its pod; `undefined` when it is copied. */
export function whyWithheld(name: string): string | undefined {
  const [host = ""] = name.split("/");
  return withheldAnnotations.find(
    ({ names = [], prefixes = [], domains = [] }) =>
      names.includes(name) ||
      prefixes.some((prefix) => name.startsWith(prefix)) ||
      domains.some((domain) => host === domain || host.endsWith(`.${domain}`)),
  )?.why;
}

/** `whyWithheld` as a CEL expression for a name in the variable `name`: the reason, or an empty text. */
export function celWhyWithheld(name: string): string {
  const quoted = (texts: readonly string[]): string => `[${texts.map((text) => `"${text}"`).join(", ")}]`;
  const cases = withheldAnnotations.map(({ why, names = [], prefixes = [], domains = [] }) => {
    const any = [
      ...(names.length > 0 ? [`${name} in ${quoted(names)}`] : []),
      ...(prefixes.length > 0 ? [`${quoted(prefixes)}.exists(p, ${name}.startsWith(p))`] : []),
      ...(domains.length > 0 ? [`${quoted(domains)}.exists(d, ("." + ${name}.split("/")[0]).endsWith("." + d))`] : []),
    ].join(" || ");
    return `${any} ? "${why}"`;
  });
  return `(${cases.join(" : ")} : "")`;
}
