// Prints CPU and disk use of all running domains, once a second: node stats.ts [seconds] [socket or URI]
import { setTimeout as delay } from "node:timers/promises";
import { connect, DomainStatsTypes, GetAllDomainStatsFlags } from "node-libvirt";

const [seconds = "3", target] = process.argv.slice(2);
await using connection = await connect(target);
const query = {
  stats: DomainStatsTypes.CPU_TOTAL | DomainStatsTypes.VCPU | DomainStatsTypes.BLOCK,
  flags: GetAllDomainStatsFlags.RUNNING,
};
for (let left = Number(seconds); left > 0; left--) {
  for (const { domain, params } of await connection.getAllDomainStats(query)) {
    console.log(`${domain.name}: vcpu time ${params["vcpu.0.time"]} ns, read ${params["block.0.rd.bytes"] ?? 0} bytes`);
  }
  if (left > 1) await delay(1000);
}
