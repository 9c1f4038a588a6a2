import { isUtf8 } from "node:buffer";
import { Failure } from "../failure.ts";
import { addKeys, parsed } from "./add-keys.ts";

/**
 * Makes cloud-init's user data from the given data, with keys for the default user added. Returns bytes for data that
 * is no text, because cloud-init also takes compressed data.
 */
export function userData(given: Buffer | undefined, keys: readonly string[]): string | Buffer {
  if (given === undefined) return addKeys("#cloud-config\n", keys);
  const text = isUtf8(given) ? given.toString("utf8") : undefined;
  if (keys.length === 0) return text ?? given;
  // A script or an archive has no place for keys.
  if (text === undefined || !isConfig(text)) {
    throw new Failure(
      `--ssh-key: the keys can be added to a "#cloud-config" only, which --cloud-init does not begin with`,
    );
  }
  return addKeys(text, keys);
}

/** Warns of effects of the data that the author may not expect; `undefined` if there are none. */
export function warningOf(data: string | Buffer | undefined): string | undefined {
  if (typeof data !== "string" || !isConfig(data)) return undefined;
  const document = parsed(data);
  if (document.errors.length > 0) return undefined;
  const value: unknown = document.toJS();
  const { users, user, ssh_authorized_keys: keys }: Readonly<Record<string, unknown>> = Object(value);
  if (!Array.isArray(keys) || keys.length === 0 || user || users === undefined || users === null) return undefined;
  if (namesDefault(users)) return undefined;
  return `cloud-init gives ssh_authorized_keys only to its default user, and "users" does not include that one: nobody can log in with these keys. Add "default" to users, or add the keys to one of the users`;
}

/** Whether the data begins with "#cloud-config" in any case, as cloud-init checks it. */
function isConfig(text: string): boolean {
  return /^\s*#cloud-config(?!-archive|-jsonp)/i.test(text);
}

/** Whether cloud-init's default user is among the users: a list, names with commas, or a map by name. */
function namesDefault(users: unknown): boolean {
  const isNamed = (text: unknown): boolean =>
    typeof text === "string" && text.split(",").some((name) => name.trim() === "default");
  if (Array.isArray(users)) return users.some((one) => isNamed(one) || Object(one).name === "default");
  return isNamed(users) || (typeof users === "object" && users !== null && "default" in users);
}
