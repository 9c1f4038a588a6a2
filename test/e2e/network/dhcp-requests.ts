import { createSocket } from "node:dgram";

/*
 * Asks, like clients after a reboot (RFC 2131, 3.2), whether cards may keep their addresses: `CARD=ADDRESS` each.
 * Prints the answers when all cards but the first may. The test sends this file to the node as text, so it imports no
 * other file of ours.
 */

const kinds: Readonly<Record<number, string>> = { 2: "OFFER", 5: "ACK", 6: "NAK" };
// Node runs this file as text, so its arguments have no file name.
const requests = process.argv.slice(1).map((argument) => argument.split("="));

function request(card: string, address: string): Buffer {
  const packet = Buffer.alloc(300);
  packet.set([1, 1, 6]);
  // Ask for broadcast answers.
  packet.writeUInt16BE(0x8000, 10);
  packet.set(Buffer.from(card.replaceAll(":", ""), "hex"), 28);
  packet.set([99, 130, 83, 99, 53, 1, 3, 50, 4, ...address.split(".").map(Number), 255], 236);
  return packet;
}

const answers = new Set<string>();
const socket = createSocket("udp4");
socket.on("message", (packet) => {
  if (packet[0] !== 2) return;
  const card = packet.toString("hex", 28, 34).replaceAll(/..(?=.)/g, "$&:");
  const kind = packet[packet.indexOf(Buffer.from([53, 1]), 240) + 2] ?? 0;
  answers.add(`${card} ${kinds[kind]}`);
  if (!requests.slice(1).every(([own]) => answers.has(`${own} ACK`))) return;
  process.stdout.write(JSON.stringify([...answers].toSorted()));
  process.exit();
});
socket.bind(68, () => {
  socket.setBroadcast(true);
  setInterval(() => {
    for (const [card = "", address = ""] of requests) socket.send(request(card, address), 67, "255.255.255.255");
  }, 200);
});
