import { afterAll, beforeAll, expect, test } from "vitest";
import { useSourcesOnly } from "../add-on.ts";
import { cluster, eventually, installDefinitions, nodes, useNamespace } from "../cluster.ts";
import { ControllerProcess } from "../controller/controller-process.ts";
import { untilStatus } from "../controller/stage.ts";
import { DaemonOnNode } from "../node-daemon/daemon-on-node.ts";
import { previousCommit, type SourceTree, treeOf } from "./previous-release.ts";

/*
 * Controller and daemon of this tree and of the release before, in all four pairs, one after another: as in an upgrade, the
 * controller first, and in a rollback, the daemon last. Machines go on through all of it.
 */

const commit = await previousCommit();
const reachesBack = commit !== undefined;
if (!reachesBack) console.warn("the release before is not in the history of this clone: nothing is tried with it");

useSourcesOnly();
const namespace = useNamespace("upgrade", { "pod-security.kubernetes.io/enforce": "restricted" });
const [node] = nodes;
type Release = "this" | "previous";
type Programs = Readonly<Record<Release, { readonly controller: ControllerProcess; readonly daemon: DaemonOnNode }>>;
const stage = {} as { programs: Programs; tree: SourceTree };

beforeAll(async () => {
  if (commit === undefined) return;
  stage.tree = await treeOf(commit);
  const { folder } = stage.tree;
  stage.programs = {
    this: { controller: new ControllerProcess(cluster.kubeconfig, "this"), daemon: new DaemonOnNode(cluster, node) },
    previous: {
      controller: new ControllerProcess(cluster.kubeconfig, "previous", folder),
      daemon: new DaemonOnNode(cluster, node, { tree: folder }),
    },
  };
  await installDefinitions();
});

afterAll(async () => {
  if (!reachesBack) return;
  await namespace.kubectl("delete", "vm,vmi", "--all", "--timeout=120s");
  for (const { controller, daemon } of Object.values(stage.programs)) {
    await controller.end();
    await daemon.kill("SIGTERM");
  }
  await stage.tree[Symbol.asyncDispose]();
});

const other = (release: Release): Release => (release === "this" ? "previous" : "this");
let daemonNow: Release | undefined;

/** Runs the controller of one release and the daemon of one, and ends those of the other. */
async function run({ controller, daemon }: { controller: Release; daemon: Release }): Promise<void> {
  const { programs } = stage;
  await programs[other(controller)].controller.end();
  if (!programs[controller].controller.isRunning) programs[controller].controller.start();
  if (daemonNow === daemon) return;
  // Both are the node's one daemon.
  await programs[daemon].daemon.kill("SIGTERM");
  await programs[daemon].daemon.install();
  await programs[daemon].daemon.start();
  daemonNow = daemon;
}

const sh = async (script: string): Promise<string> => stage.programs.this.daemon.sh(script);
const pidOf = async (name: string): Promise<string> => sh(`cat /run/libvirt/qemu/${namespace.name}_${name}.pid`);

/** Starts a machine, and waits until its guest has come up. */
async function start(name: string): Promise<void> {
  await make(name);
  await up(name);
}

/** Makes a machine that is to run. */
async function make(name: string): Promise<void> {
  const spec = {
    nodeSelector: { "kubernetes.io/hostname": node.name },
    domain: { memory: { guest: "128Mi" }, devices: { rng: {} } },
    volumes: [{ name: "root", containerDisk: { image: "localhost/tiny:latest", imagePullPolicy: "IfNotPresent" } }],
  };
  const machine = { apiVersion: "kubevirt.io/v1", kind: "VirtualMachine", metadata: { name } };
  const input = JSON.stringify({ ...machine, spec: { runStrategy: "Always", template: { spec } } });
  await cluster.kubectl([`--namespace=${namespace.name}`, "apply", "--filename=-"], { input });
}

/** Waits until a machine's guest has come up. */
async function up(name: string): Promise<void> {
  await untilStatus(namespace, name, "Running");
  const uid = await namespace.kubectl("get", "vmi", name, "--output=jsonpath={.metadata.uid}");
  const log = `/var/lib/kubevirt-node/${uid}/console/serial0.log`;
  await eventually(async () => expect(await sh(`cat ${log}`)).toContain("login:"), 120_000);
}

/** Has a machine stop, and waits until its guest has shut down in order and nothing of it is left on the node. */
async function stop(name: string): Promise<void> {
  await namespace.kubectl("patch", "vm", name, "--type=merge", '--patch={"spec":{"runStrategy":"Halted"}}');
  await untilStatus(namespace, name, "Stopped");
  await eventually(async () => expect(await sh("virsh list --all --name")).not.toContain(name));
}

test.runIf(reachesBack)(
  "a controller of this release starts and stops machines with a daemon of the release before",
  async () => {
    await run({ controller: "previous", daemon: "previous" });
    await start("early");
    const pid = await pidOf("early");
    await run({ controller: "this", daemon: "previous" });
    await start("between");
    await stop("between");
    expect(await pidOf("early")).toBe(pid);
  },
);

test.runIf(reachesBack)(
  "a guest of the release before goes on when its daemon is upgraded, and shuts down in order",
  async () => {
    const pid = await pidOf("early");
    await run({ controller: "this", daemon: "this" });
    expect(await pidOf("early")).toBe(pid);
    const ready = '--output=jsonpath={.status.conditions[?(@.type=="Ready")].status}';
    await eventually(async () => expect(await namespace.kubectl("get", "vmi", "early", ready)).toBe("True"));
    await start("new");
    await stop("early");
  },
);

test.runIf(reachesBack)(
  "with a controller of the release before a daemon of this release keeps its guests, and starts none until the controller is upgraded",
  async () => {
    const pid = await pidOf("new");
    await run({ controller: "previous", daemon: "this" });
    expect(await pidOf("new")).toBe(pid);
    await make("late");
    const handedOver = "--output=jsonpath={.metadata.labels.kubevirt\\.io/nodeName}";
    await eventually(async () => expect(await namespace.kubectl("get", "vmi", "late", handedOver)).toBe(node.name));
    await stop("new");
    // Which pod is the machine's, only a controller of this release records.
    expect(await sh("virsh list --state-running --name")).not.toContain("late");
    await run({ controller: "this", daemon: "this" });
    await up("late");
  },
);

test.runIf(reachesBack)(
  "a guest of this release goes on when both are rolled back, and leaves nothing when it ends",
  async () => {
    const pid = await pidOf("late");
    await run({ controller: "previous", daemon: "previous" });
    expect(await pidOf("late")).toBe(pid);
    await stop("late");
    await eventually(async () => expect(await sh("ls /var/lib/kubevirt-node")).toBe(""));
  },
);
