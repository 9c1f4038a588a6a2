import { KubeClient } from "../../../api/kube/client/client.ts";
import { ApiError } from "../../../api/kube/client/errors.ts";
import { fromKubeconfig } from "../../../api/kube/credentials/kubeconfig.ts";
import { cluster } from "../cluster.ts";

/** The object that a token is bound to. The token ends with it, and names its node. */
type Bound = `${"Pod" | "Node"}/${string}`;

/** Makes a client with a token of one of the add-on's accounts, bound to an object or to none. */
export async function accountClient(account: string, bound?: Bound): Promise<KubeClient> {
  const [kind, name] = bound?.split("/") ?? [];
  const to = kind && name ? [`--bound-object-kind=${kind}`, `--bound-object-name=${name}`] : [];
  const token = await cluster.kubectl(["create", "token", account, "--namespace=kubevirt", ...to]);
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

/** Makes a client with a token of the node daemons' account. */
export const daemonClient = (bound?: Bound): Promise<KubeClient> => accountClient("virt-node-daemon", bound);

/** Returns the result of a request: `done`, or the API server's message of refusal. */
export async function outcome(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return "done";
  } catch (error) {
    if (error instanceof ApiError && [403, 422].includes(error.code)) return error.message;
    throw error;
  }
}
