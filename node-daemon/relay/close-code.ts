/** Codes of a WebSocket's close frame, and the reaction of clients. */
export const closeCode = {
  /** The session is over; clients end silently with success. */
  normal: 1000,
  /** The session goes on without this client; the client shows the reason. */
  goingAway: 1001,
  /** The client sent a text frame. */
  unsupported: 1003,
  /** Others need the memory; the client may try again. */
  tryAgainLater: 1013,
  /** An error occurred; the client shows the reason. */
  internalError: 1011,
} as const;
