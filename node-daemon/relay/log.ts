/** Writes one structured line: a constant message, and fields that say of what. The same shape as that of `api/kube`. */
export type Log = (
  level: "debug" | "info" | "warn" | "error",
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/** For whoever wants no log. */
export const noLog: Log = () => {};
