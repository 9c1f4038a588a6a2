/**
 * Bounds of what a guest says of itself: how many interfaces, and addresses of each, how long an address and other texts.
 * Who writes it keeps to them: a guest may say anything, and a status that exceeds them is refused as a whole. All of it
 * together is less than etcd takes.
 */
export const guestBounds = { interfaces: 256, addresses: 64, address: 48, text: 256 } as const;
