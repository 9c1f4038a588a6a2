import { createSocket } from "node:dgram";

/*
 * Asks for an address on `eth0`, with the given hardware address: `4` by DHCP, with the numbers of the wanted options
 * (`4=1,3`), `6` by DHCPv6. Prints all answers together: the address, and the options in hexadecimal by their numbers.
 * The test sends this file to the node as text, so it imports no other file of ours.
 */

type Options = Record<number, string>;

// Node runs this file as text, so its arguments have no file name.
const [mac = "", ...families] = process.argv.slice(1);
const hardware = [...Buffer.from(mac.replaceAll(":", ""), "hex")];
const answers: Record<string, object> = {};

function answered(family: string, answer: object): void {
  answers[family] = answer;
  if (Object.keys(answers).length < families.length) return;
  process.stdout.write(JSON.stringify(answers));
  process.exit();
}

function ask4(wanted: readonly number[]): void {
  const packet = Buffer.alloc(300);
  packet.set([1, 1, 6]);
  // Ask for broadcast answers.
  packet.writeUInt16BE(0x8000, 10);
  packet.set(hardware, 28);
  packet.set([99, 130, 83, 99, 53, 1, 1, 55, wanted.length, ...wanted, 255], 236);
  const socket = createSocket("udp4");
  socket.on("message", (reply) => {
    if (reply[0] !== 2) return;
    const options: Options = {};
    const read = (from: number, to: number): void => {
      for (let at = from; at < to && reply[at] !== 255; ) {
        const [code = 0, length = 0] = [reply[at], reply[at + 1]];
        if (code !== 0) options[code] = (options[code] ?? "") + reply.toString("hex", at + 2, at + 2 + length);
        at += code === 0 ? 1 : 2 + length;
      }
    };
    read(240, reply.length);
    // Options without room are in the fields for file and server names (RFC 2132, 9.3).
    const overload = Number(options[52] ?? 0);
    if (overload & 1) read(108, 236);
    if (overload & 2) read(44, 108);
    answered("4", { address: [...reply.subarray(16, 20)].join("."), options });
  });
  socket.bind(68, () => {
    socket.setBroadcast(true);
    setInterval(() => socket.send(packet, 67, "255.255.255.255"), 200);
  });
}

function ask6(): void {
  const option = (code: number, data: readonly number[]): number[] => [0, code, 0, data.length, ...data];
  const identity = option(1, [0, 3, 0, 1, ...hardware]);
  const address = option(3, [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  const wanted = option(
    6,
    [23, 24, 39].flatMap((code) => [0, code]),
  );
  const packet = Buffer.from([1, 0, 0, 1, ...identity, ...address, ...option(8, [0, 0]), ...wanted]);
  const socket = createSocket("udp6");
  socket.on("message", (reply) => {
    const options: Options = {};
    for (let at = 4; at < reply.length; at += 4 + reply.readUInt16BE(at + 2)) {
      options[reply.readUInt16BE(at)] = reply.toString("hex", at + 4, at + 4 + reply.readUInt16BE(at + 2));
    }
    // The first address of the address option.
    answered("6", { address: options[3]?.slice(32, 64), options });
  });
  socket.bind(546, () => {
    // Sending fails as long as the card has no address, so repeat it.
    setInterval(() => socket.send(packet, 547, "ff02::1:2%eth0", () => {}), 200);
  });
}

for (const family of families) {
  if (family === "6") ask6();
  else ask4((family.split("=")[1] ?? "").split(",").map(Number));
}
