// Prints the lifecycle events of a host's domains until Ctrl-C: node events.ts [socket or URI]
import { connect } from "node-libvirt";

const stop = new AbortController();
process.once("SIGINT", () => stop.abort()).once("SIGTERM", () => stop.abort());

await using connection = await connect(process.argv[2], { reconnect: true });
connection.onDisconnect(({ message }) => console.log(message));
connection.onReconnect(() => console.log("connected again: look at everything anew"));
// Register before the list, so that no event is lost in between.
const events = await connection.events("lifecycle", { signal: stop.signal });
for (const domain of await connection.listAllDomains()) console.log(`${domain.name} is there`);
for await (const { domain, event, detail } of events) console.log(`${domain.name}: ${event} ${detail}`);
