import { pino } from "pino";
import type { Log } from "../api/kube/log.ts";

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Writes one JSON object per line to standard output: a constant `msg`, and fields with the details. */
export function jsonLog(level: LogLevel): Log {
  const logger = pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { error: pino.stdSerializers.err },
  });
  return (severity, message, fields = {}) => logger[severity](fields, message);
}
