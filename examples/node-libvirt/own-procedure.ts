// Calls a procedure that is not in the package's table: node own-procedure.ts [socket or URI]
import { array, call, connect, flags, int, Program, procedures, string, struct, uuid } from "node-libvirt";

// REMOTE_PROC_CONNECT_LIST_ALL_NETWORKS of libvirt's protocol; `needResults` says whether to list.
const network = struct({ name: string, uuid });
const own = procedures(Program.REMOTE, {
  connectListAllNetworks: call(283, { needResults: int, flags }, { networks: array(network), count: int }),
});

await using connection = await connect(process.argv[2]);
const { networks, count } = await connection.call(own.connectListAllNetworks, { needResults: 1 });
console.log(`${count} networks: ${networks.map(({ name }) => name).join(", ")}`);
