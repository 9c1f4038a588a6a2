// Moves a running domain to another host. This host's libvirt must be able to reach the URI:
// node migrate.ts <domain> <URI of the other host> [socket or URI]
import { connect, LibvirtError } from "node-libvirt";

const [name, destination, target] = process.argv.slice(2);
if (!name || !destination) throw new Error("which domain, and where to?");
await using connection = await connect(target);
const domain = await connection.lookupByName(name);
await connection.on("migrationIteration", ({ iteration }) => console.log(`pass ${iteration} over the memory`), {
  domain,
});
await connection.on("jobCompleted", ({ params }) => console.log(`the guest stood still for ${params.downtime} ms`), {
  domain,
});
try {
  // The migration uses a separate connection, so this one stays free for events and calls.
  await domain.migrateToURI3(destination, { bandwidth: 100 });
  console.log(`${name} runs at ${destination}`);
} catch (error) {
  if (!(error instanceof LibvirtError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
