import { Command, InvalidArgumentError, Option } from "commander";
import { httpsPorts, programs } from "../api/contract/constants.ts";
import { silentAfter } from "../api/contract/node-heartbeat.ts";
import { type ImageMode, imageModes } from "./image-mode.ts";
import { type LogLevel, logLevels } from "./log.ts";
import type { PlaceholderSettings } from "./vmi/placeholder-settings.ts";

/** An installation's settings for the controller. */
export interface Settings extends Omit<PlaceholderSettings, "imageMode"> {
  /** By default the cluster's version decides. */
  readonly containerDisks?: ImageMode;
  readonly kubeconfig?: string;
  readonly context?: string;
  /** The namespace of the add-on. */
  readonly namespace: string;
  /** Unique for each candidate for leadership. */
  readonly identity: string;
  /** The port of the aggregated API; 0 to serve none. */
  readonly port: number;
  /** The image for users who inspect disks; without it there is none. */
  readonly guestfsImage?: string;
  /** Seconds without a changed heartbeat after which a node takes no machines. */
  readonly silentAfter: number;
  readonly logLevel: LogLevel;
  readonly concurrency: number;
}

/** The command line; most flags also have an environment variable. */
export function command(host: string): Command {
  return new Command(programs.controller)
    .description("Brings virtual machines to nodes: VirtualMachine → VirtualMachineInstance → placeholder pod → node.")
    .addOption(new Option("--kubeconfig <file>", "how to reach the cluster; the pod's service account by default"))
    .addOption(new Option("--context <name>", "a context of the kubeconfig"))
    .addOption(
      new Option("--namespace <name>", "the namespace of the add-on; its Lease is there")
        .env("NAMESPACE")
        .default("kubevirt"),
    )
    .addOption(
      new Option("--identity <name>", "its name among candidates for leadership, different for each")
        .env("POD_NAME")
        .default(`${host}-${process.pid}`),
    )
    .addOption(
      new Option("--port <number>", "where the aggregated API is served; 0 serves none and keeps no certificates")
        .env("PORT")
        .argParser(port)
        .default(httpsPorts.controller),
    )
    .addOption(
      new Option("--hold-image <reference>", "the image of placeholder pods")
        .env("HOLD_IMAGE")
        .default("localhost/hold:latest"),
    )
    .addOption(
      new Option("--hold-pull-policy <policy>", "when nodes pull it")
        .env("HOLD_PULL_POLICY")
        .choices(["Always", "IfNotPresent", "Never"])
        .default("IfNotPresent"),
    )
    .addOption(
      new Option(
        "--container-disks <mode>",
        "how placeholder pods get disk images: as volumes, which the container runtime must support (containerd from 2.1 on), or as containers; by default volumes from Kubernetes 1.35 on",
      )
        .env("CONTAINER_DISKS")
        .choices(imageModes),
    )
    .addOption(
      new Option(
        "--global-networks <namespaces>",
        "the namespaces, with commas between, whose NetworkAttachmentDefinitions are for instances of all namespaces; as Multus' globalNamespaces",
      )
        .env("GLOBAL_NETWORKS")
        .argParser(namespaces)
        .default(["default"], "default"),
    )
    .addOption(
      new Option("--guestfs-image <reference>", "the image of libguestfs-tools that virtctl guestfs runs").env(
        "GUESTFS_IMAGE",
      ),
    )
    .addOption(
      new Option(
        "--silent-after <seconds>",
        "until a node whose daemon sends no heartbeat gets no new machines; daemons send one each minute",
      )
        .env("SILENT_AFTER")
        .argParser(positive)
        .default(silentAfter / 1000),
    )
    .addOption(
      new Option("--concurrency <number>", "how many objects of a kind are reconciled at once")
        .env("CONCURRENCY")
        .argParser(positive)
        .default(16),
    )
    .addOption(new Option("--log-level <level>", "what is logged").env("LOG_LEVEL").choices(logLevels).default("info"));
}

function port(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError("It must be a port number, or 0.");
  return number;
}

/** An empty text means none. */
function namespaces(text: string): string[] {
  const names = text.split(",").filter((name) => name !== "");
  const bad = names.find((name) => !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name));
  if (bad !== undefined) throw new InvalidArgumentError(`"${bad}" is no name of a namespace.`);
  return names;
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError("It must be a whole number from 1 on.");
  return number;
}
