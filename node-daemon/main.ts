import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { pino } from "pino";
import { components, daemonTlsFolder, httpsPorts, programs, stateFolder } from "../api/contract/constants.ts";
import { KubeClient } from "../api/kube/client/client.ts";
import { loadCredentials } from "../api/kube/credentials/load.ts";
import { EventRecorder } from "../api/kube/events.ts";
import type { Log } from "../api/kube/log.ts";
import { abortable } from "../api/kube/sleep.ts";
import { NodeIsolation } from "./adapters/isolation/node-isolation.ts";
import { requestCertificate } from "./adapters/kube/certificate.ts";
import { KubeInstanceApi } from "./adapters/kube/instance-api.ts";
import { KubeNode } from "./adapters/kube/node.ts";
import { isUnreachable } from "./adapters/kube/unreachable.ts";
import { openLibvirtFolder } from "./adapters/libvirt/folder.ts";
import { type Acceleration, accelerations, hostFacts } from "./adapters/libvirt/host-facts.ts";
import { LibvirtHypervisor } from "./adapters/libvirt/hypervisor.ts";
import { isWithoutSocket, NodeLibvirt } from "./adapters/libvirt/node-libvirt.ts";
import { LibvirtThreads } from "./adapters/libvirt/threads.ts";
import { nodeClock } from "./adapters/node-clock.ts";
import { NodeNetwork } from "./adapters/node-network.ts";
import { NodePods } from "./adapters/pods/node-pods.ts";
import { RelayConsoles } from "./adapters/relay-consoles.ts";
import { hasGuests } from "./adapters/storage/guests-left.ts";
import { nodeStorage } from "./adapters/storage/node-storage.ts";
import { laterBackend } from "./backend/later-backend.ts";
import { type ServedInstances, serverBackend } from "./backend/served-instances.ts";
import { OwnCertificate } from "./certificate/own-certificate.ts";
import { Daemon } from "./core/daemon.ts";
import { LocalInstances } from "./core/local-instances.ts";
import { FileThreads } from "./health/file-threads.ts";
import { Health } from "./health/health.ts";
import { LibvirtWatch } from "./health/libvirt-watch.ts";
import { NodeHeartbeat } from "./health/node-heartbeat.ts";
import { domainName } from "./instance/identity.ts";
import { defaultUsers, parseUserRange, type UserRange } from "./instance/machine-user-range.ts";
import { instanceMetrics } from "./metrics/instance-metrics.ts";
import { ProgramMetrics } from "./metrics/program-metrics.ts";
import { Consoles } from "./relay/consoles.ts";
import { budgetOf, defaultLimits } from "./server/limits.ts";
import { Metrics } from "./server/request-metrics.ts";
import { NodeServer } from "./server/server.ts";

interface Flags {
  node: string;
  kubeconfig?: string;
  context?: string;
  libvirt: string;
  stateFolder: string;
  tlsFolder: string;
  port: number;
  acceleration: Acceleration;
  qemuUsers: UserRange;
  logLevel: string;
}

const program = new Command(programs.daemon)
  .description("Turns the VirtualMachineInstances placed on this node into libvirt domains, and relays their consoles")
  .addOption(new Option("--node <name>", "the node's name in Kubernetes").env("NODE_NAME").default(hostname()))
  .addOption(new Option("--kubeconfig <file>", "the pod's service account, or kubectl's file, when absent"))
  .addOption(new Option("--context <name>", "the kubeconfig's context; its current one when absent"))
  .addOption(
    new Option("--libvirt <socket or uri>", "the node's libvirt")
      .env("LIBVIRT_SOCKET")
      .default("/run/libvirt/libvirt-sock"),
  )
  .addOption(
    new Option("--state-folder <folder>", "where instances are kept, the same path here and on the node")
      .env("STATE_FOLDER")
      .default(stateFolder),
  )
  .addOption(
    new Option("--tls-folder <folder>", "ca.crt, tls.crt and tls.key").env("TLS_FOLDER").default(daemonTlsFolder),
  )
  .addOption(new Option("--port <number>", "of HTTPS").env("PORT").default(httpsPorts.daemon).argParser(portNumber))
  .addOption(
    new Option("--acceleration <how>", "how guests run; auto: on KVM where the node has it")
      .env("ACCELERATION")
      .choices(accelerations)
      .default("auto"),
  )
  .addOption(
    new Option(
      "--qemu-users <first-last>",
      "users and groups of machines' QEMUs, one for each; nobody else's on the node",
    )
      .env("QEMU_USERS")
      .default(parseUserRange(defaultUsers), defaultUsers)
      .argParser(userRange),
  )
  .addOption(
    new Option("--log-level <level>", "how much is logged")
      .env("LOG_LEVEL")
      .choices(["debug", "info", "warn", "error"])
      .default("info"),
  );

function portNumber(value: string): number {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError("use a number up to 65535.");
  return port;
}

function userRange(value: string): UserRange {
  try {
    return parseUserRange(value);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

async function main(flags: Flags): Promise<void> {
  const logger = pino({ level: flags.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime });
  const log: Log = (level, message, { error, ...fields } = {}) =>
    logger[level]({ ...fields, ...(error === undefined ? {} : { err: error }) }, message);
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => stop.abort(new Error(name)));
  const { signal } = stop;

  const credentials = await loadCredentials({ file: flags.kubeconfig, context: flags.context });
  const metrics = new Metrics();
  const { registry } = metrics;
  const programMetrics = new ProgramMetrics(registry);
  const client = new KubeClient(credentials, {
    userAgent: programs.daemon,
    onRequest: (request) => programMetrics.requested(request),
  });
  // Always close it: the process does not end while a connection is open.
  await using nodeLibvirt = new NodeLibvirt(flags.libvirt, signal);
  const libvirt = new LibvirtWatch({
    ask: () => nodeLibvirt.ask(),
    isAbsence: isWithoutSocket,
    hasGuests: () => hasGuests(flags.stateFolder),
    log,
  });
  const certificate = new OwnCertificate({
    node: flags.node,
    obtain: (request, until) => requestCertificate(client, { node: flags.node, request }, until),
    authorities: () => readFile(join(flags.tlsFolder, "ca.crt"), "utf8"),
    log,
  });
  let core: Daemon | undefined;
  let served: ServedInstances | undefined;
  const files = new FileThreads();
  const node = new KubeNode(client, flags.node);
  const heartbeat: NodeHeartbeat = new NodeHeartbeat({ api: node, unfit: () => health.unfit(), log });
  const health = new Health({ libvirt, heartbeat, files, core: () => core });
  const servedLater = laterBackend(() => served, {
    healthy: async () => health.healthy(),
    ready: async () => health.ready(),
  });
  const budget = budgetOf(defaultLimits);
  const server = await NodeServer.start(servedLater, {
    tlsFolder: flags.tlsFolder,
    own: certificate,
    port: flags.port,
    metrics,
    budget,
    log,
  });
  log("info", "serving", { port: server.port });
  const relay = new Consoles({ log, budget });
  const events = new EventRecorder(client, { component: components.daemon, instance: flags.node, log }, signal);

  /** Does the work after libvirt is reached. On a node without libvirt, it waits forever. */
  const work = async (): Promise<void> => {
    const connection = await abortable(nodeLibvirt.reached, signal);
    if (await openLibvirtFolder()) log("info", "libvirt's folder was opened for QEMU's user", { mode: "o+x" });
    const host = await hostFacts(connection, { acceleration: flags.acceleration });
    log("info", "node looked at", { node: flags.node, ...host });
    const network = new NodeNetwork();
    const isolation = new NodeIsolation({ users: flags.qemuUsers, kvm: host.virtType === "kvm" });
    const hypervisor = new LibvirtHypervisor(connection);
    const localInstances = new LocalInstances();
    const drivers = {
      hypervisor,
      pods: new NodePods({ log }),
      ...nodeStorage({ stateFolder: flags.stateFolder, users: flags.qemuUsers }),
      network,
      isolation,
      consoles: new RelayConsoles(relay),
      clock: await nodeClock(),
    };
    const daemon = new Daemon({
      nodeName: flags.node,
      client,
      api: new KubeInstanceApi(client, events),
      host,
      stateFolder: flags.stateFolder,
      localInstances,
      isUnreachable,
      log,
      metrics: programMetrics,
      drivers,
    });
    core = daemon;
    served = serverBackend({
      localInstances,
      hypervisor,
      notes: drivers.notes,
      clock: drivers.clock,
      changed: (key) => daemon.lookAt(key),
      instance: (key) => daemon.instance(key),
      consoles: relay,
      stateFolder: flags.stateFolder,
    });
    instanceMetrics({
      registry,
      nodeName: flags.node,
      localInstances,
      statistics: () => hypervisor.statistics(),
      traffic: (cards, process) => network.traffic(cards, process),
    });
    const threads = new LibvirtThreads({
      domains: () => localInstances.entries().map(({ identity }) => domainName(identity)),
    });
    await Promise.all([daemon.run(signal), isolation.keep(log, signal), threads.keep(log, signal)]);
  };

  try {
    const watching = [libvirt.run(signal), files.run(signal), heartbeat.run(signal), certificate.run(signal)];
    await Promise.all([...watching, work()]);
  } catch (error) {
    // A signal to end before libvirt is reached is not a failure.
    if (!signal.aborted) throw error;
  } finally {
    const reason = "the node daemon is restarting";
    // Also after a failure: another heartbeat would undo the farewell.
    stop.abort(new Error(reason));
    await node
      .farewell(AbortSignal.timeout(2000))
      .catch((error: unknown) => log("warn", "node still offered", { error }));
    await server.stop(reason);
    await relay.stop(reason);
    await events.flush();
    client.close();
  }
}

try {
  await main(program.parse().opts<Flags>());
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
