import { type GlobalFlags, globalOptions } from "../flags/global-flags.ts";

/** Makes a command line for a shell that runs this program with the same global flags. */
export function ownCommand(flags: GlobalFlags, args: readonly string[]): string {
  const given = globalOptions().flatMap((option) => {
    const value: unknown = Reflect.get(flags, option.attributeName());
    // We have no text of this duration any more, and it has no effect on a websocket.
    if (value === undefined || option.long === "--request-timeout") return [];
    if (typeof value === "boolean") return value ? [`${option.long}`] : [];
    return (Array.isArray(value) ? value : [value]).map((one) => `${option.long}=${one}`);
  });
  const program = [process.execPath, ...process.execArgv, process.argv[1] ?? ""];
  return [...program, ...args.slice(0, 1), ...given, ...args.slice(1)].map(quoted).join(" ");
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
