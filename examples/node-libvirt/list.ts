// Lists the domains of a host and their states: node list.ts [socket or URI]
import { connect } from "node-libvirt";

await using connection = await connect(process.argv[2]);
console.log(`${await connection.getHostname()}, ${await connection.getType()} ${await connection.getVersion()}`);
for (const domain of await connection.listAllDomains()) {
  const { state, reason } = await domain.getState();
  const { memory, nrVirtCpu } = await domain.getInfo();
  console.log(`${domain.name}: ${state} (${reason}), ${nrVirtCpu} CPUs, ${memory / 1024} MiB`);
}
