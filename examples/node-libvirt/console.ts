// Shows a domain's serial console in this terminal; Ctrl-] leaves it: node console.ts <domain> [socket or URI]
import { pipeline } from "node:stream/promises";
import { connect } from "node-libvirt";

const [name, target] = process.argv.slice(2);
if (!name) throw new Error("which domain?");
await using connection = await connect(target);
const domain = await connection.lookupByName(name);
const terminal = await domain.openConsole();

async function* keys(): AsyncGenerator<Buffer> {
  for await (const chunk of process.stdin) {
    if (chunk.includes(0x1d)) return;
    yield chunk;
  }
}

if (process.stdin.isTTY) process.stdin.setRawMode(true);
try {
  await Promise.race([
    pipeline(keys, terminal),
    pipeline(terminal, async (output) => {
      for await (const chunk of output) process.stdout.write(chunk);
    }),
  ]);
} finally {
  terminal.destroy();
  process.stdin.destroy();
}
