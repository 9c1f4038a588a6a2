import { Failure } from "../failure.ts";

/** A local port and the guest's port behind it. */
export interface ForwardedPort {
  readonly protocol: "tcp" | "udp";
  /** 0 means any free port. */
  readonly local: number;
  readonly remote: number;
}

/** Parses `[PROTOCOL/]LOCAL[:REMOTE]`, as in `8080:80`, `udp/5353:53` and `80`; `:80` takes any free local port. */
export function parseForwardedPort(text: string): ForwardedPort {
  const [, protocol = "tcp", first = "", second] = /^(?:([a-z]+)\/)?(\d*)(?::(\d+))?$/.exec(text) ?? [];
  const remote = number(second ?? first);
  const local = second === undefined ? remote : first === "" ? 0 : number(first);
  if ((protocol !== "tcp" && protocol !== "udp") || local === undefined || remote === undefined) {
    throw new Failure(`invalid port "${text}": use [tcp/|udp/]LOCAL[:REMOTE] with numbers from 1 to 65535`);
  }
  return { protocol, local, remote };
}

function number(text: string): number | undefined {
  const port = Number(text);
  return text !== "" && port >= 1 && port <= 65_535 ? port : undefined;
}
