import { DisconnectedError } from "../errors.ts";
import { connectProcedures as remote } from "../protocol/connect.ts";
import type { Address } from "./address.ts";
import { dial } from "./dial.ts";
import type { KeepAliveOptions } from "./keep-alive.ts";
import type { CallOptions } from "./pending-calls.ts";
import { RpcConnection, type RpcHandlers } from "./rpc-connection.ts";

/** The kinds of authentication that libvirt may require. */
const AuthType = { NONE: 0, SASL: 1, POLKIT: 2 } as const;

/** `VIR_DRV_FEATURE_PROGRAM_KEEPALIVE`: a request for it starts the server's pings. */
const keepAliveFeature = 10;

const readOnlyFlag = 1;

/** Options of {@link openRpc}. */
export interface OpenOptions {
  signal: AbortSignal;
  keepAlive: KeepAliveOptions | false;
  /** Lets libvirt ping this client, and disconnect it if it does not answer. Not for one that may be paused. */
  pingedByServer: boolean;
  handlers?: RpcHandlers;
}

/** Opens a connection with an open hypervisor: dialled, authenticated, ready for calls. */
export async function openRpc(address: Address, options: OpenOptions): Promise<RpcConnection> {
  const { signal, keepAlive, pingedByServer, handlers } = options;
  const rpc = new RpcConnection(await dial(address, signal), keepAlive, handlers);
  try {
    await authenticate(rpc, { signal });
    const calls: Promise<unknown>[] = [];
    if (keepAlive && pingedByServer) {
      calls.push(rpc.call(remote.connectSupportsFeature, { feature: keepAliveFeature }, { signal }));
    }
    calls.push(
      rpc.call(remote.connectOpen, { name: address.uri, flags: address.readOnly ? readOnlyFlag : 0 }, { signal }),
    );
    await Promise.all(calls);
    return rpc;
  } catch (error) {
    rpc.close();
    throw error;
  }
}

async function authenticate(rpc: RpcConnection, options: CallOptions): Promise<void> {
  const { types } = await rpc.call(remote.authList, {}, options);
  if (types.length === 0 || types.includes(AuthType.NONE)) return;
  if (types.includes(AuthType.POLKIT)) {
    const { complete } = await rpc.call(remote.authPolkit, {}, options);
    if (complete) return;
    throw new DisconnectedError("authentication", "polkit does not let us in");
  }
  const wanted = types.includes(AuthType.SASL) ? "SASL" : types.join(", ");
  throw new DisconnectedError(
    "authentication",
    `libvirt wants authentication by ${wanted}, and this client has only none and polkit; see auth_unix_rw, auth_tcp and auth_tls in libvirtd.conf`,
  );
}
