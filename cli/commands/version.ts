import type { Command } from "commander";
import { ApiError } from "../../api/kube/client/errors.ts";
import { clusterPath } from "../../api/sub-resources.ts";
import { printYaml } from "../../api/values/yaml.ts";
import { version as clientVersion } from "../../api/version.ts";
import type { Cli } from "../cli.ts";
import { examples, type Runner } from "../command.ts";
import { Failure } from "../failure.ts";
import { outputOption } from "../flags/values.ts";

interface VersionFlags {
  client?: boolean;
  output?: "json" | "yaml";
}

interface Versions {
  clientVersion: { gitVersion: string };
  /** The server's answer: `gitVersion` is the level of KubeVirt's API, `addOnVersion` the add-on's own version. */
  serverVersion?: { gitVersion?: string; addOnVersion?: string };
}

/** `kubectl virt version`. */
export function configure(command: Command, run: Runner): void {
  command
    .option("--client", "only this program's version, without asking the server")
    .addOption(outputOption("json", "yaml"))
    .action(run(version));
  examples(command, ["The versions of both sides", "kubectl virt version"]);
}

async function version(cli: Cli, { client, output }: VersionFlags): Promise<void> {
  const versions: Versions = { clientVersion: { gitVersion: clientVersion } };
  let failure: Error | undefined;
  if (!client) {
    try {
      versions.serverVersion = await serverVersion(cli);
    } catch (error) {
      // The command still prints the client's version.
      failure = error instanceof Error ? error : new Error(String(error));
    }
  }
  await cli.print(printed(versions, output));
  if (failure !== undefined) throw failure;
}

async function serverVersion(cli: Cli): Promise<NonNullable<Versions["serverVersion"]>> {
  const client = await cli.client();
  try {
    const { body } = await client.raw("GET", clusterPath("version"), { signal: cli.signal });
    const answer: NonNullable<Versions["serverVersion"]> = JSON.parse(body.toString("utf8"));
    return answer;
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) {
      throw new Failure("the cluster does not serve virtual machines: subresources.kubevirt.io is not there");
    }
    throw error;
  }
}

function printed(versions: Versions, output: VersionFlags["output"]): string {
  if (output === "json") return JSON.stringify(versions, null, 2);
  if (output === "yaml") return printYaml(versions).trimEnd();
  const { clientVersion: own, serverVersion: server } = versions;
  const lines = [`Client Version: ${own.gitVersion}`];
  if (server) {
    // KubeVirt's own server reports only the level of its API.
    const level = `KubeVirt API ${server.gitVersion ?? "unknown"}`;
    lines.push(`Server Version: ${server.addOnVersion ? `${server.addOnVersion} (${level})` : level}`);
  }
  return lines.join("\n");
}
