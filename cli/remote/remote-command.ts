/** What to run in a guest. */
export interface RemoteCommand {
  /** The program and its arguments. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The folder to run in; the user's own folder by default. */
  readonly folder?: string | undefined;
}

/**
 * The text for the login shell in the guest, which may be any POSIX shell. The shell stays until the command has ended,
 * so a command that a signal ends has the code 128 + the signal's number; by itself, SSH reports 255 for each signal.
 */
export function shellText({ words, env, folder }: RemoteCommand): string {
  const enter = folder === undefined ? "" : `cd ${quoted(folder)} && `;
  const variables = Object.entries(env).map(([name, value]) => quoted(`${name}=${value}`));
  const program = variables.length === 0 ? words.map(quoted) : ["env", ...variables, ...words.map(quoted)];
  return `${enter}${program.join(" ")}; exit $?`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) && !word.includes("=") ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
