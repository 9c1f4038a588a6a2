import { expect, test } from "vitest";
import { eventually, useNamespace } from "../cluster.ts";
import { anInstance, Guest } from "./guest.ts";
import { usePrograms } from "./programs.ts";

const namespace = useNamespace("probes", { "pod-security.kubernetes.io/enforce": "restricted" });
usePrograms(namespace);

const often = { periodSeconds: 1, timeoutSeconds: 5 };

/** The addresses that a Service sends to. */
async function endpoints(service: string): Promise<string> {
  const path = "{.items[*].endpoints[?(@.conditions.ready==true)].addresses[0]}";
  return namespace.kubectl(
    "get",
    "endpointslices",
    `--selector=kubernetes.io/service-name=${service}`,
    `--output=jsonpath=${path}`,
  );
}

test("a Service sends to a guest while it answers its readiness probe", async () => {
  const guest = new Guest(namespace, "web");
  const readinessProbe = { httpGet: { port: 80, path: "/cgi-bin/index.cgi" }, failureThreshold: 2, ...often };
  await namespace.apply(anInstance("web", { readinessProbe }), {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web" },
    spec: { selector: { "vm.kubevirt.io/name": "web" }, ports: [{ port: 80 }] },
  });
  const ready = (): Promise<string> => guest.field('.status.conditions[?(@.type=="Ready")].status');
  await eventually(async () => expect(await guest.field(".status.phase")).toBe("Running"), 60_000);
  expect(await ready()).toBe("False");

  const address = await guest.ready();
  await eventually(async () => expect(await ready()).toBe("True"));
  await eventually(async () => expect(await endpoints("web")).toBe(address));

  await guest.sh("mv /www/cgi-bin/index.cgi /tmp");
  await eventually(async () => expect(await ready()).toBe("False"), 60_000);
  await eventually(async () => expect(await endpoints("web")).toBe(""));

  await guest.sh("mv /tmp/index.cgi /www/cgi-bin");
  await eventually(async () => expect(await ready()).toBe("True"));
  await namespace.kubectl("delete", "vmi", "web", "--timeout=60s");
});

test("a machine whose guest no longer answers its liveness probe is started again", async () => {
  const guest = new Guest(namespace, "alive");
  const { spec } = anInstance("alive", {
    livenessProbe: {
      tcpSocket: { port: 80 },
      initialDelaySeconds: 20,
      failureThreshold: 8,
      ...often,
      timeoutSeconds: 2,
    },
  }) as { spec: object };
  await namespace.apply({
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name: "alive" },
    spec: { runStrategy: "Always", template: { spec } },
  });
  await guest.ready();
  const before = await guest.field(".metadata.uid");
  await guest.sh("ip link set eth0 down");
  await eventually(async () => {
    expect(await guest.field(".metadata.uid")).not.toBe(before);
    expect(await guest.field(".status.phase")).toBe("Running");
  }, 180_000);
  // It was not killed, and who looks for the reason finds it.
  const events = await namespace.kubectl("get", "events", "--output=json");
  const ofGuest = (JSON.parse(events) as { items: { reason: string; message: string }[] }).items;
  expect(ofGuest.map(({ reason }) => reason)).toContain("ShuttingDown");
  expect(ofGuest.map(({ message }) => message).join("\n")).toContain("the guest no longer answers its livenessProbe");
  await namespace.kubectl("delete", "vm", "alive", "--timeout=60s");
});
