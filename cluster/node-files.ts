import { createHash } from "node:crypto";
import { stringify } from "yaml";
import type { Node } from "./cluster.ts";
import { addresses } from "./fabric.ts";

/** Configuration files of a node by path. They contain only options that differ from the programs' defaults. */
export function nodeFiles(clusterName: string, node: Node): Record<string, string> {
  const uuid = stableUuid(`${clusterName}/${node.name}`);
  return {
    "/etc/hosts": `127.0.0.1 localhost\n${addresses.node(node)} ${node.name}\n`,
    "/etc/resolv.conf": "",
    "/etc/machine-id": `${uuid.replaceAll("-", "")}\n`,
    "/etc/containerd/config.toml": containerdConfig,
    "/etc/cni/net.d/10-pods.conflist": `${JSON.stringify(cniConfig(node), null, 2)}\n`,
    "/etc/kubernetes/kubelet.yaml": stringify(kubeletConfig),
    "/etc/kubernetes/kube-proxy.yaml": stringify(kubeProxyConfig),
    "/etc/libvirt/libvirtd.conf": libvirtdConfig(node, uuid),
    "/etc/libvirt/qemu.conf": qemuConfig(node),
  };
}

const containerdConfig = `version = 3

[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = "localhost/hold:latest"

[plugins.'io.containerd.cri.v1.runtime']
# A machine without CAP_SYS_RESOURCE can't lower a process's OOM score.
restrict_oom_score_adj = true

[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ["/usr/lib/cni"]
`;

/** Each pod has its own link and is routed: no bridge, no masquerading, so its address is valid across nodes. */
function cniConfig(node: Node): object {
  return {
    cniVersion: "1.0.0",
    name: "pods",
    plugins: [
      {
        type: "ptp",
        ipam: {
          type: "host-local",
          ranges: [[{ subnet: addresses.podsOfNode(node) }]],
          routes: [{ dst: "0.0.0.0/0" }],
          // The leases vanish when the node restarts, like the pods that had them.
          dataDir: "/run/cni-leases",
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
}

const kubeletConfig = {
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  authentication: { anonymous: { enabled: false }, x509: { clientCAFile: "/etc/kubernetes/ca.crt" } },
  authorization: { mode: "Webhook" },
  tlsCertFile: "/etc/kubernetes/kubelet.crt",
  tlsPrivateKeyFile: "/etc/kubernetes/kubelet.key",
  containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
  cgroupDriver: "cgroupfs",
  failCgroupV1: false,
  failSwapOn: false,
  clusterDomain: "cluster.local",
  clusterDNS: [addresses.dnsService],
  resolvConf: "",
  // The images come from no registry: the kubelet must not remove any, nor evict because the disk is rather full.
  imageGCHighThresholdPercent: 100,
  imageGCLowThresholdPercent: 99,
  evictionHard: {
    "memory.available": "50Mi",
    "nodefs.available": "1%",
    "imagefs.available": "1%",
    "nodefs.inodesFree": "1%",
  },
  maxPods: 250,
  // Interval for measuring the pods' volumes, which evictions depend on; a minute by default.
  volumeStatsAggPeriod: "10s",
  serializeImagePulls: false,
};

const kubeProxyConfig = {
  apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
  kind: "KubeProxyConfiguration",
  mode: "nftables",
  clientConnection: { kubeconfig: "/etc/kubernetes/kube-proxy.kubeconfig" },
  clusterCIDR: addresses.pods,
  // The size of the connection table applies to the whole machine.
  conntrack: { maxPerCore: 0, min: 0 },
  metricsBindAddress: "127.0.0.1:10249",
};

function libvirtdConfig(node: Node, uuid: string): string {
  return `host_uuid = "${uuid}"
unix_sock_group = "libvirt"
unix_sock_rw_perms = "0770"
auth_unix_ro = "none"
auth_unix_rw = "none"
# Migration between the nodes, on their private bridge.
listen_tls = 0
listen_tcp = 1
listen_addr = "${addresses.node(node)}"
auth_tcp = "none"
`;
}

/** QEMU's processes belong to their pods' cgroups, so libvirt makes none. Guests run only if QEMU is confined so. */
function qemuConfig(node: Node): string {
  return `cgroup_controllers = [ ]
security_driver = "none"
seccomp_sandbox = 1
clear_emulator_capabilities = 1
namespaces = [ "mount" ]
migration_address = "${addresses.node(node)}"
migration_host = "${addresses.node(node)}"
vnc_listen = "127.0.0.1"
`;
}

/** A UUID that depends only on the name (RFC 9562, version 8). */
function stableUuid(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
