import type { IncomingMessage } from "node:http";
import { ApiError, NetworkError, ProtocolError, TimeLimitError } from "./errors.ts";

export interface StreamedOptions {
  /** What it is called in errors. */
  readonly what: string;
  /** Milliseconds of silence after which the connection counts as dead. */
  readonly stall: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What is made of an answer's bytes as they come; at its end, and when nobody reads on, the answer is destroyed. Throws
 * NetworkError when the connection breaks, TimeLimitError when it is silent for too long, the signal's reason, and what is
 * thrown by who makes something of it.
 */
export async function* streamed<T>(
  answer: IncomingMessage,
  make: (chunks: AsyncIterable<Buffer>) => AsyncIterable<T>,
  { what, stall, signal }: StreamedOptions,
): AsyncGenerator<T> {
  const silence = setTimeout(() => {
    answer.destroy(new TimeLimitError(`${what}: silent for ${stall / 1000} s`));
  }, stall);
  async function* chunks(): AsyncGenerator<Buffer> {
    for await (const chunk of answer) {
      silence.refresh();
      yield chunk;
    }
  }
  try {
    yield* make(chunks());
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ApiError || error instanceof ProtocolError || error instanceof TimeLimitError) throw error;
    throw new NetworkError(`${what} broke off`, { sent: true, cause: error });
  } finally {
    clearTimeout(silence);
    answer.destroy();
  }
}
