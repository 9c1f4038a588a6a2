import { afterAll, beforeAll } from "vitest";
import type { VirtualMachine, VirtualMachineInstance } from "../../../api/resources.ts";
import { useSourcesOnly } from "../add-on.ts";
import { eventually, type Namespace, useNamespace } from "../cluster.ts";
import { ApiProxy } from "./api-proxy.ts";
import { ControllerProcess } from "./controller-process.ts";
import { DaemonDriver } from "./daemon-driver.ts";
import { install, kubeconfigFor } from "./service-account.ts";

/** The parts of a controller test: a real cluster, with played daemons. */
export interface Stage {
  readonly namespace: Namespace;
  readonly proxy: ApiProxy;
  readonly controller: ControllerProcess;
  readonly daemon: DaemonDriver;
  /** The path of a kubeconfig for another controller. */
  readonly kubeconfig: string;
}

/** Sets up the tests of a file, in a namespace that accepts only unprivileged Pods. */
export function useStage(name: string): Stage {
  useSourcesOnly();
  const namespace = useNamespace(name, { "pod-security.kubernetes.io/enforce": "restricted" });
  const stage: { -readonly [Part in keyof Stage]?: Stage[Part] } = { namespace };
  beforeAll(async () => {
    await install();
    stage.proxy = await ApiProxy.start();
    stage.kubeconfig = await kubeconfigFor(stage.proxy);
    stage.controller = new ControllerProcess(stage.kubeconfig);
    stage.controller.start();
    stage.daemon = await DaemonDriver.start();
  });
  afterAll(async () => {
    if (process.env.SHOW_LOG) console.log(stage.controller?.log);
    try {
      await namespace.kubectl("delete", "vm,vmi", "--all", "--wait=true", "--timeout=180s");
    } finally {
      await stage.controller?.end();
      await stage.daemon?.end();
      stage.proxy?.end();
    }
  });
  return stage as Stage;
}

/** Makes the spec of a small guest that needs no image. */
export function aGuest(spec: object = {}): object {
  return { terminationGracePeriodSeconds: 0, domain: { memory: { guest: "64Mi" } }, ...spec };
}

export function anInstance(name: string, spec: object = {}): object {
  return { apiVersion: "kubevirt.io/v1", kind: "VirtualMachineInstance", metadata: { name }, spec: aGuest(spec) };
}

export function aMachine(name: string, runStrategy: string, spec: object = {}): object {
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name },
    spec: { runStrategy, template: { spec: aGuest(spec) } },
  };
}

/** Reads an object as JSON; `undefined` when it is not there. */
export async function read<T>(namespace: Namespace, kind: string, name: string): Promise<T | undefined> {
  const text = await namespace.kubectl("get", kind, name, "--ignore-not-found", "--output=json");
  return text === "" ? undefined : (JSON.parse(text) as T);
}

export const readMachine = (namespace: Namespace, name: string) => read<VirtualMachine>(namespace, "vm", name);
export const readInstance = (namespace: Namespace, name: string) =>
  read<VirtualMachineInstance>(namespace, "vmi", name);

/** Waits until a machine has a printable status, and returns the machine. */
export async function untilStatus(namespace: Namespace, name: string, status: string): Promise<VirtualMachine> {
  return eventually(async () => {
    const machine = await readMachine(namespace, name);
    if (machine?.status?.printableStatus === status) return machine;
    throw new Error(`${name} is not ${status} but ${JSON.stringify(machine?.status, null, 1)}`);
  });
}

/** Waits until an instance has reached a phase, and returns it. */
export async function untilPhase(namespace: Namespace, name: string, phase: string): Promise<VirtualMachineInstance> {
  return eventually(async () => {
    const instance = await readInstance(namespace, name);
    if (instance?.status?.phase === phase) return instance;
    throw new Error(`${name} is not ${phase} but ${JSON.stringify(instance?.status, null, 1)}`);
  });
}

/** Runs work while a namespace has a quota. */
export async function withQuota(
  namespace: Namespace,
  hard: Readonly<Record<string, string>>,
  act: () => Promise<void>,
): Promise<void> {
  const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "quota" }, spec: { hard } };
  await namespace.apply(quota);
  try {
    await eventually(async () => {
      const there = await read<{ status?: { hard?: object } }>(namespace, "resourcequota", "quota");
      if (!there?.status?.hard) throw new Error("the quota does not hold yet");
    });
    await act();
  } finally {
    await namespace.kubectl("delete", "resourcequota", "quota");
  }
}

/** Waits until an object is gone. */
export async function untilGone(namespace: Namespace, kind: string, name: string): Promise<void> {
  await eventually(async () => {
    const object = await read(namespace, kind, name);
    if (object) throw new Error(`${kind} ${name} is still there: ${JSON.stringify(object)}`);
  });
}
