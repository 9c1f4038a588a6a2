import type { IncomingMessage } from "node:http";
import { ApiError, NetworkError, ProtocolError, TimeLimitError } from "./errors.ts";

export interface StreamedOptions {
  /** The name of the stream in errors. */
  readonly what: string;
  /** Milliseconds of silence after which the connection counts as dead. */
  readonly stall: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Passes an answer's bytes to `make` as they come and yields its results. It destroys the answer at the end, and when
 * the caller stops reading. Throws NetworkError when the connection breaks, TimeLimitError when it is silent for too
 * long, the signal's reason, and the ApiError and ProtocolError of `make`.
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
