import { KubeClient } from "../../../api/kube/client.ts";
import { fromKubeconfig } from "../../../api/kube/kubeconfig.ts";
import { cluster } from "../cluster.ts";

/** A client with a token of the node daemons' account that is bound to an object: `Pod/NAME`, `Node/NAME`, or to none. */
export async function daemonClient(bound?: `${"Pod" | "Node"}/${string}`): Promise<KubeClient> {
  const [kind, name] = bound?.split("/") ?? [];
  const to = kind && name ? [`--bound-object-kind=${kind}`, `--bound-object-name=${name}`] : [];
  const token = await cluster.kubectl(["create", "token", "virt-node-daemon", "--namespace=kubevirt", ...to]);
  const admin = await fromKubeconfig({ file: cluster.kubeconfig });
  const { ca } = (await admin.access()).tls;
  const tls = ca === undefined ? {} : { ca };
  return new KubeClient({
    server: admin.server,
    namespace: "kubevirt",
    access: async () => ({ headers: { authorization: `Bearer ${token.trim()}` }, tls }),
    refused: async () => false,
  });
}
