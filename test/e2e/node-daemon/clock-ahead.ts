/*
 * Loaded before a program: sets its time of day ten minutes ahead. This is all that a node's wrong clock changes: the
 * time since its boot stays right.
 */

const ahead = 600_000;
const now = Date.now.bind(Date);

globalThis.Date = new Proxy(Date, {
  construct: (date, given: unknown[], target) =>
    Reflect.construct(date, given.length > 0 ? given : [now() + ahead], target),
  get: (date, name, receiver) => (name === "now" ? () => now() + ahead : Reflect.get(date, name, receiver)),
});
