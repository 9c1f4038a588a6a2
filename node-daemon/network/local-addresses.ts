/**
 * The own addresses of a network namespace, from `net/fib_trie` and `net/if_inet6` of a process in it (proc(5)). IPv6
 * addresses have the form of {@link canonical}.
 */
export function localAddresses(fibTrie: string, ifInet6: string): Set<string> {
  const v4 = [...fibTrie.matchAll(/\|-- (\S+)\n\s*\/32 host LOCAL/g)].flatMap(([, address]) => address ?? []);
  const v6 = ifInet6.split("\n").flatMap((line) => {
    const groups = /^[0-9a-f]{32}/.exec(line)?.[0].match(/.{4}/g);
    return groups ? [canonical(groups.join(":"))] : [];
  });
  return new Set([...v4, ...v6]);
}

/** The canonical form of an address (RFC 5952). */
export function canonical(address: string): string {
  if (!address.includes(":")) return address;
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
