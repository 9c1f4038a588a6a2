/** Writes one structured line: a constant message, and fields that say of what. */
export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;

export type LogLevel = "debug" | "info" | "warn" | "error";

/** For whoever wants no log. */
export const noLog: Log = () => {};
