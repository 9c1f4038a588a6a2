/**
 * Bounds for a guest's report about itself: the numbers of interfaces and of addresses of each, the lengths of an
 * address and of other texts. The writer of the status keeps to these bounds: a guest may report anything, and the API
 * server refuses a too large status as a whole. All of it together is less than etcd's limit.
 */
export const guestBounds = { interfaces: 256, addresses: 64, address: 48, text: 256 } as const;
