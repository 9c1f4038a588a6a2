/** Writes one structured line: a constant message, and fields with the details. */
export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Writes nothing. */
export const noLog: Log = () => {};
