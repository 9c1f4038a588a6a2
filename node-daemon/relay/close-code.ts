/** Codes of a websocket's close frame, and what clients make of them. */
export const closeCode = {
  /** The session is over; clients end silently and well. */
  normal: 1000,
  /** The session goes on without this client; it shows the reason. */
  goingAway: 1001,
  /** The client sent a text frame. */
  unsupported: 1003,
  /** Others need the room; the client may come again. */
  tryAgainLater: 1013,
  /** Something broke; the client shows the reason. */
  internalError: 1011,
} as const;
