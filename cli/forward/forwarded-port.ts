import { Failure } from "../failure.ts";

/** A port of this machine and the guest's port that it leads to. */
export interface ForwardedPort {
  readonly protocol: "tcp" | "udp";
  /** 0 for any that is free. */
  readonly local: number;
  readonly remote: number;
}

/** Reads `[PROTOCOL/]LOCAL[:REMOTE]`, as in `8080:80`, `udp/5353:53` and `80`; `:80` takes any local port. */
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
