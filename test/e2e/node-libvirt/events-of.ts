import type { Connection, DomainEvent, DomainEventName } from "../../../node-libvirt/src/index.ts";

/** Collects one domain's events of a kind, from now on. */
export async function eventsOf<K extends DomainEventName>(
  connection: Connection,
  domain: string,
  kind: K,
): Promise<DomainEvent<K>[]> {
  const events: DomainEvent<K>[] = [];
  await connection.on(kind, (event) => {
    if (event.domain.name === domain) events.push(event);
  });
  return events;
}
