import { Failure } from "../failure.ts";

/** Parses the values of `--env`: NAME=VALUE, or NAME for the variable's value here. */
export function environmentOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf("=");
      const name = at < 0 ? text : text.slice(0, at);
      if (!/^[A-Za-z_]\w*$/.test(name)) {
        throw new Failure(`invalid argument "${text}" for "--env" flag: "${name}" is no name of a variable`);
      }
      const value = at < 0 ? process.env[name] : text.slice(at + 1);
      if (value === undefined)
        throw new Failure(`invalid argument "${text}" for "--env" flag: ${name} is not set here`);
      return [name, value];
    }),
  );
}
