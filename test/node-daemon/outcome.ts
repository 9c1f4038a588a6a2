import type { VirtualMachineInstance } from "../../api/resources.ts";
import { withInstanceDefaults } from "../../controller/instance-defaults.ts";
import { placeholderPod } from "../../controller/vmi/placeholder-pod.ts";
import { wantedOf } from "../../node-daemon/core/wanted.ts";
import { domainXml } from "../../node-daemon/domain-xml/domain.ts";
import type { DomainVolume } from "../../node-daemon/domain-xml/volume.ts";
import type { HostFacts } from "../../node-daemon/instance/host.ts";
import { domainName, identityOf } from "../../node-daemon/instance/identity.ts";
import { instancePaths } from "../../node-daemon/instance/paths.ts";
import type { Drivers, StepContext } from "../../node-daemon/steps/context.ts";
import type { Step } from "../../node-daemon/steps/step.ts";
import { doStep } from "../../node-daemon/steps/steps.ts";
import { settings } from "../controller/builders.ts";

const firmware = (name: string) => ({ code: `/${name}.code`, variables: `/${name}.variables` });
const host: HostFacts = {
  virtType: "kvm",
  arch: "x86_64",
  mtu: 1500,
  uefi: firmware("plain"),
  secureUefi: firmware("secure"),
};

/**
 * Returns everything that results from a spec, as text: the placeholder Pod, the domain, and the calls on the node. Two
 * specs with the same text make the same machine.
 */
export async function outcomeOf(spec: object): Promise<string> {
  const metadata = { name: "db", namespace: "default", uid: "0a9f4c1e-8d3b-4c57-9b53-0d6f1e2a7c44" };
  const given = { apiVersion: "kubevirt.io/v1", kind: "VirtualMachineInstance", metadata, spec };
  const instance = withInstanceDefaults(given as VirtualMachineInstance);
  const paths = instancePaths("/state", metadata.uid);
  const user = { user: 2_100_000_007, group: 2_100_000_007 };
  const volumes = new Map<string, DomainVolume>();
  for (const { name } of instance.spec.volumes ?? []) volumes.set(name, { file: `/${name}`, format: "raw" });
  const wanted = wantedOf(instance);
  return JSON.stringify(
    {
      pod: placeholderPod(instance, settings),
      domain: domainXml({ instance, host, paths, user, volumes, links: [], now: new Date(0) }),
      wanted,
      asked: await asked(instance, [
        ...wanted.volumes,
        { do: "make-variables" },
        ...(wanted.kernel ? [{ do: "take-kernel" } as const] : []),
        { do: "make-taps" },
        { do: "attach-console" },
        { do: "attach-network" },
      ]),
    },
    (_, value: unknown) => (typeof value === "bigint" ? String(value) : value),
    1,
  );
}

/** Records the calls that steps make on the node. */
async function asked(instance: VirtualMachineInstance, steps: readonly Step[]): Promise<unknown[]> {
  const calls: unknown[] = [];
  const recorder = new Proxy(
    {},
    {
      get:
        (_, method) =>
        async (...args: unknown[]) => {
          calls.push([method, ...args]);
          // The steps read these files by name; the name replaces the content.
          if (method === "files") return new Map(["userdata", "networkdata"].map((key) => [key, args[1]]));
          return { path: "/file", [Symbol.asyncDispose]: async () => {} };
        },
    },
  );
  const drivers = new Proxy({}, { get: () => recorder }) as Drivers;
  const identity = identityOf(instance);
  const context: StepContext = {
    drivers,
    host,
    identity,
    instance,
    domain: domainName(identity),
    paths: instancePaths("/state", identity.uid),
    podUid: "pod",
    pod: placeholderPod(instance, settings),
    container: { pid: 1, cgroups: [], askedToEnd: false },
    tapsOnNode: [],
    links: [],
    tell: (event) => void calls.push(["tell", event]),
    ending: { phase: "Succeeded", message: "" },
  };
  for (const step of steps) await doStep(step, context);
  return calls;
}
