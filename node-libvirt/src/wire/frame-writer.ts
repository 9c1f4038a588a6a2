import { type Header, headerSize, maxFrameSize } from "./frame.ts";
import type { Shape } from "./shape.ts";
import { XdrWriter } from "./xdr-writer.ts";

function writeHeader(to: XdrWriter, length: number, header: Header): void {
  to.uint(length);
  to.uint(header.program);
  to.uint(header.version);
  to.int(header.procedure);
  to.uint(header.type);
  to.uint(header.serial);
  to.uint(header.status);
}

/** A packet with `value` as its payload. Throws a RangeError when it is larger than libvirt accepts. */
export function encodeFrame<In>(header: Header, shape: Shape<In, unknown>, value: In): Buffer {
  const writer = new XdrWriter();
  writeHeader(writer, 0, header);
  shape.write(writer, value);
  if (writer.length > maxFrameSize) throw new RangeError(`a call of ${writer.length} bytes; libvirt takes 32 MiB`);
  writer.patchUint(writer.length, 0);
  return writer.finish();
}

/** The start of a packet; its payload of `payloadSize` bytes follows separately. */
export function encodeHeader(header: Header, payloadSize: number): Buffer {
  const writer = new XdrWriter();
  writeHeader(writer, headerSize + payloadSize, header);
  return writer.finish();
}
