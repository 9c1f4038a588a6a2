// Saves a picture of a domain's screen: node screenshot.ts <domain> <file> [socket or URI]
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { connect } from "node-libvirt";

const [name, file, target] = process.argv.slice(2);
if (!name || !file) throw new Error("which domain, and to which file?");
await using connection = await connect(target);
const domain = await connection.lookupByName(name);
const { mime, stream } = await domain.screenshot();
await pipeline(stream, createWriteStream(file));
console.log(`${file}: ${mime}`);
