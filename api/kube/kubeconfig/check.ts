import { ConfigurationError } from "../client/errors.ts";
import type { Exec, User } from "./entries.ts";

/** Throws ConfigurationError, with client-go's messages, for a user entry that contradicts itself. */
export function checkUser({ exec, ...user }: User): void {
  const wrong = exec ? wrongOf(exec) : undefined;
  if (wrong) throw new ConfigurationError(`${wrong} to use exec authentication plugin`);
  if (exec && user.authProvider) {
    throw new ConfigurationError("authProvider cannot be provided in combination with an exec plugin");
  }
  if ((user.clientCertificate || user.clientCertificateData) && !user.clientKey && !user.clientKeyData) {
    throw new ConfigurationError(
      "client-key-data or client-key must be specified to use the clientCert authentication method",
    );
  }
  if (user.token && (user.username || user.password)) {
    throw new ConfigurationError(
      "more than one authentication method found; found [token basicAuth], only one is allowed",
    );
  }
  if (!user.as && (user.asUid || user.asGroups || user.asUserExtra)) {
    throw new ConfigurationError("requesting uid, groups or user-extra without impersonating a user");
  }
}

function wrongOf({ command, apiVersion, interactiveMode, env }: Exec): string | undefined {
  if (command === "") return "command must be specified";
  if (apiVersion === "") return "apiVersion must be specified";
  if (!/^client\.authentication\.k8s\.io\/v1(beta1)?$/.test(apiVersion))
    return `another apiVersion than "${apiVersion}" is needed`;
  if (env.some(({ name }) => name === "")) return "env variable name must be specified";
  if (interactiveMode === "") return "interactiveMode must be specified";
  const modes = ["Never", "IfAvailable", "Always"];
  return modes.includes(interactiveMode) ? undefined : `another interactiveMode than "${interactiveMode}" is needed`;
}
