/** A packet's purpose, `virNetMessageType`. */
export const MessageType = {
  CALL: 0,
  REPLY: 1,
  MESSAGE: 2,
  STREAM: 3,
  CALL_WITH_FDS: 4,
  REPLY_WITH_FDS: 5,
  STREAM_HOLE: 6,
} as const;

/** The state of a call or stream, `virNetMessageStatus`. */
export const MessageStatus = { OK: 0, ERROR: 1, CONTINUE: 2 } as const;

/** The six words in front of every payload. */
export interface Header {
  program: number;
  version: number;
  procedure: number;
  type: number;
  /** Counts a client's calls from 1. Replies and stream packets have their call's serial; events have 0. */
  serial: number;
  status: number;
}

/** A received packet; `payload` is a view on the receive buffer, whose memory is reused. */
export interface Frame extends Header {
  payload: Buffer;
}

/** The length word and the header. */
export const headerSize = 28;

/** The largest packet that libvirt sends or accepts, including its length word. */
export const maxFrameSize = 33_554_432 + 4;

/** The maximum number of file descriptors with a reply. */
export const maxFds = 32;
