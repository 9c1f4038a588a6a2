import { describe, expect, test } from "vitest";
import { annotations, labels } from "../../../api/contract/labels.ts";
import { unschedulableReasons } from "../../../api/contract/node-heartbeat.ts";
import { type Pod, pods } from "../../../api/kube/resources/core-resources.ts";
import { sourceNode, tlsFolder } from "../../../cluster/dev/source-program.ts";
import { threadName } from "../../../node-daemon/adapters/libvirt/threads.ts";
import { defaultUsers, isMachineUser, parseUserRange } from "../../../node-daemon/instance/machine-user-range.ts";
import { cluster, eventually } from "../cluster.ts";
import { aGuestless, anInstance } from "./hand-over.ts";
import { useDaemon } from "./stage.ts";

const namespace = "node-daemon";
const stage = useDaemon(namespace);
const { node, daemon, name, run, phase, condition, noCondition } = stage;
const { nothingIsLeft, logsAreLeft, domainOf, pidOf, consoleOf, podOf, eventsOf, remove } = stage;

describe("an instance that is handed over", () => {
  test("runs in its pod's cgroups from a container disk, a cloud-init disk and an empty disk", async () => {
    const volumes = [
      { name: "root", containerDisk: { image: "localhost/tiny:latest", imagePullPolicy: "IfNotPresent" } },
      { name: "seed", cloudInitNoCloud: { userData: "#cloud-config\n" } },
      { name: "data", emptyDisk: { capacity: "64Mi" } },
    ];
    const instance = await run(anInstance(name(), namespace, { volumes }));
    expect(instance.status?.volumeStatus).toMatchObject([
      { name: "root", target: "vda" },
      { name: "seed", target: "vdb" },
      { name: "data", target: "vdc" },
    ]);
    await condition(instance, "Ready", { status: "True" });
    const { uid } = await podOf(instance);
    const pid = await pidOf(instance);
    const cgroups = await daemon.sh(`cat /proc/${pid}/cgroup`);
    expect(cgroups).toMatch(new RegExp(`memory:/kubepods/burstable/pod${uid}/`));
    expect(cgroups).toMatch(new RegExp(`cpu:/kubepods/burstable/pod${uid}/`));
    // The kernel kills it as soon as its pod, and not a neighbour, when the node has no memory left.
    const procs = `/sys/fs/cgroup/memory$(sed -n 's/.*:memory://p' /proc/${pid}/cgroup)/cgroup.procs`;
    const hold = await daemon.sh(`for p in $(cat ${procs}); do [ $(cat /proc/$p/comm) != hold ] || echo $p; done`);
    const score = await daemon.sh(`cat /proc/${hold}/oom_score_adj`);
    expect(Number(score)).toBeGreaterThan(1);
    expect(await daemon.sh(`cat /proc/${pid}/oom_score_adj`)).toBe(score);
    // libvirt's thread of it, in no pod's cgroup, gives way to others.
    const thread = threadName(domainOf(instance));
    const nice = `for t in /proc/$(cat /run/libvirtd.pid)/task/*; do [ "$(cat $t/comm)" != ${thread} ] || cut -d' ' -f19 $t/stat; done`;
    await eventually(async () => expect(await daemon.sh(nice)).toBe("10"));
    const user = await daemon.sh(`stat -c %u /proc/${pid}`);
    expect(isMachineUser(parseUserRange(defaultUsers), Number(user))).toBe(true);
    expect(instance.status?.runtimeUser).toBe(Number(user));
    await eventually(async () => expect(await consoleOf(instance)).toContain("login:"));
    const metrics = await daemon.sh("curl --silent --fail --insecure https://127.0.0.1:8187/metrics");
    const series = `node="${node.name}",namespace="${namespace}",name="${instance.metadata.name}"`;
    const value = (metric: string, more = ""): number =>
      Number(metrics.split(`kubevirt_vmi_${metric}{${series}${more}} `)[1]?.split("\n")[0]);
    expect(value("cpu_usage_seconds_total")).toBeGreaterThan(0.1);
    expect(value("memory_resident_bytes")).toBeGreaterThan(64 * 1024 ** 2);
    expect(value("storage_read_traffic_bytes_total", ',drive="root"')).toBeGreaterThan(1024 ** 2);
    expect(value("storage_write_traffic_bytes_total", ',drive="data"')).toBe(0);
  });

  test("has cloud-init's data from Secrets that its pod mounts, once they are there", async () => {
    const volumes = [
      { name: "seed", cloudInitNoCloud: { secretRef: { name: "user" }, networkDataSecretRef: { name: "net" } } },
    ];
    const kubectl = async (...args: string[]) => cluster.kubectl([...args, `--namespace=${namespace}`]);
    await kubectl("create", "secret", "generic", "user", "--from-literal=userdata=#cloud-config of a Secret");
    const instance = aGuestless(name(), namespace, { volumes });
    await stage.controller.run(instance, node.name);
    await kubectl("create", "secret", "generic", "net", "--from-literal=networkData=version: 2");
    const { metadata } = await phase(instance, "Running");
    const iso = `/var/lib/kubevirt-node/${metadata.uid}/cloud-init/seed.iso`;
    const read = `xorriso -indev ${iso} -osirrox on -extract / /tmp/seed 2>/dev/null`;
    await daemon.sh(`rm -rf /tmp/seed && ${read} && chmod -R u+w /tmp/seed`);
    expect(await daemon.sh("cat /tmp/seed/user-data")).toBe("#cloud-config of a Secret");
    expect(await daemon.sh("cat /tmp/seed/network-config")).toBe("version: 2");
  });

  test("is told of in one go where nobody has told of the hand-over before it runs", async () => {
    const { created, pod } = await stage.controller.create(aGuestless(name(), namespace), node.name);
    await stage.controller.mark(created, pod, node.name);
    const { status } = await phase(created, "Running");
    expect(status).toMatchObject({ nodeName: node.name, activePods: { [pod.metadata?.uid ?? ""]: node.name } });
    expect(status?.qosClass).toBe("Burstable");
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: "Ready", status: "True" }));
    const phases = status?.phaseTransitionTimestamps?.map((passed) => passed.phase);
    expect(phases).toEqual(["Pending", "Scheduling", "Scheduled", "Running"]);
    expect(status?.volumeStatus).toEqual([]);
  });

  test("runs in its own pod, whatever a pod of another namespace says of itself", async () => {
    const { created, pod } = await stage.controller.create(aGuestless(name(), namespace), node.name);
    const { labels: podLabels = {}, name: podName = "" } = pod.metadata ?? {};
    const { containers = [], terminationGracePeriodSeconds = 45 } = pod.spec ?? {};
    const forged: Pod = {
      metadata: { name: podName, namespace: "default", labels: podLabels },
      spec: { containers, terminationGracePeriodSeconds, nodeName: node.name },
    };
    const kubectl = async (...args: string[]) => cluster.kubectl([...args, "--namespace=default"]);
    await stage.controller.client.create(pods, forged);
    try {
      await kubectl("wait", "pod", podName, "--for=condition=Ready");
      // hold does not hear it: the pod stays like that.
      await kubectl("delete", "pod", podName, "--wait=false");
      await stage.controller.handOver(created, pod, node.name);
      await phase(created, "Running");
      expect(await daemon.sh(`cat /proc/${await pidOf(created)}/cgroup`)).toContain(`/pod${pod.metadata?.uid}/`);
    } finally {
      await kubectl("delete", "pod", podName, "--force", "--grace-period=0");
    }
  });

  test("runs UEFI", async () => {
    const given = anInstance(name(), namespace);
    const firmware = { ...given.spec.domain.firmware, bootloader: { efi: { secureBoot: false } } };
    const domain = { ...given.spec.domain, firmware, memory: { guest: "256Mi" } };
    const instance = await run({ ...given, spec: { ...given.spec, domain } });
    await eventually(async () => expect(await consoleOf(instance)).toContain("login:"), 60_000);
  });

  test("runs UEFI with Secure Boot, which starts nothing that nobody has signed", async () => {
    const given = anInstance(name(), namespace);
    const firmware = { ...given.spec.domain.firmware, bootloader: { efi: {} } };
    const domain = { ...given.spec.domain, firmware, memory: { guest: "256Mi" } };
    const instance = await run({ ...given, spec: { ...given.spec, domain } });
    await eventually(async () => expect(await consoleOf(instance)).toMatch(/Access Denied|Security Violation/), 60_000);
  });

  test("is paused from the start where that is its strategy", async () => {
    const instance = await run(aGuestless(name(), namespace, { startStrategy: "Paused" }));
    await condition(instance, "Paused", { status: "True", reason: "PausedByUser" });
    await daemon.sh(`virsh resume ${domainOf(instance)}`);
    await noCondition(instance, "Paused");
    await condition(instance, "Ready", { status: "True" });
    expect(await daemon.sh(`virsh domstate ${domainOf(instance)}`)).toContain("running");
  });

  test("tells the words of a failure, and goes on when nothing stands in its way any more", async () => {
    const instance = aGuestless(name(), namespace);
    const stranger = `<domain type="qemu"><name>${domainOf(instance)}</name><memory>65536</memory><os><type>hvm</type></os></domain>`;
    await daemon.sh(`echo '${stranger}' > /tmp/stranger.xml && virsh define /tmp/stranger.xml`);
    await stage.controller.run(instance, node.name);
    const message = expect.stringContaining("already exists");
    await condition(instance, "Synchronized", { status: "False", reason: "SyncFailed", message });
    const attempts = (await daemon.log()).split(`"key":"${namespace}/${instance.metadata.name}"`).length - 1;
    expect(attempts).toBeLessThan(4);
    await daemon.sh(`virsh undefine ${domainOf(instance)}`);
    await phase(instance, "Running");
    await noCondition(instance, "Synchronized");
    const events = await eventsOf(instance);
    expect(events.filter((event) => event.startsWith("SyncFailed"))).toHaveLength(1);
  });

  test("is tried once when what it asks for is nowhere to be had", async () => {
    const given = aGuestless(name(), namespace);
    const domain = { ...given.spec.domain, machine: { type: "pc-q35-99.9" } };
    await stage.controller.run({ ...given, spec: { ...given.spec, domain } }, node.name);
    await condition(given, "Synchronized", { status: "False", message: expect.stringContaining("pc-q35-99.9") });
    const key = `"key":"${namespace}/${given.metadata.name}"`;
    await eventually(async () => {
      const failed = (await daemon.log()).split("\n").filter((line) => line.includes(key));
      expect(failed).toMatchObject([expect.stringContaining("of no use before the object changes")]);
    });
    await remove(given);
    await phase(given, "Succeeded");
  });
});

describe("the end of an instance", () => {
  test("by deletion is an orderly shutdown, and the pod ends", async () => {
    const instance = await run(anInstance(name(), namespace));
    await eventually(async () => expect(await consoleOf(instance)).toContain("login:"));
    await remove(instance);
    await phase(instance, "Succeeded");
    await eventually(async () => expect((await podOf(instance)).phase).toBe("Succeeded"));
    await eventually(nothingIsLeft);
  });

  test("by deletion comes after the grace period when the guest does not listen", async () => {
    const instance = await run(aGuestless(name(), namespace, { terminationGracePeriodSeconds: 2 }));
    await remove(instance);
    const { status } = await phase(instance, "Succeeded");
    expect(status?.reason).toContain("by force");
  });

  test("by the guest itself succeeds", async () => {
    const instance = await run(anInstance(name(), namespace));
    await eventually(async () => expect(await consoleOf(instance)).toContain("login:"));
    // The guest's own agent calls its shutdown program.
    await eventually(async () => daemon.sh(`virsh shutdown ${domainOf(instance)} --mode agent`));
    const { status } = await phase(instance, "Succeeded");
    expect(status?.reason).toContain("itself");
    await eventually(async () => expect((await podOf(instance)).phase).toBe("Succeeded"));
  });

  test("by a crash fails", async () => {
    const instance = await run(aGuestless(name(), namespace));
    await daemon.sh(`kill -9 ${await pidOf(instance)}`);
    await phase(instance, "Failed");
    await eventually(async () => expect((await podOf(instance)).phase).toBe("Failed"));
    await eventually(logsAreLeft);
  });

  test("by the end of its pod's program fails, and leaves no QEMU behind", async () => {
    const instance = await run(aGuestless(name(), namespace));
    const { uid } = await podOf(instance);
    const pid = await pidOf(instance);
    const program = `grep -l "pods/${uid}/containers/compute" /proc/[0-9]*/mountinfo | cut -d/ -f3`;
    await daemon.sh(`kill -9 $(${program} | grep -vx ${pid})`);
    await phase(instance, "Failed");
    await eventually(async () => expect((await podOf(instance)).phase).toBe("Failed"));
    await eventually(logsAreLeft);
    await eventually(async () => expect(await daemon.sh(`test -e /proc/${pid} || echo gone`)).toBe("gone"));
  });

  test("by the deletion of its pod is orderly too", async () => {
    const instance = await run(anInstance(name(), namespace));
    await eventually(async () => expect(await consoleOf(instance)).toContain("login:"));
    const pod = await podOf(instance);
    await cluster.kubectl(["delete", "pod", pod.name, "--wait=false", `--namespace=${namespace}`]);
    const { status } = await phase(instance, "Failed");
    expect(status?.reason).toContain("deleted");
    await eventually(async () => expect((await podOf(instance)).name).toBe(""));
    await eventually(logsAreLeft);
  });
});

test("a node is offered to machines while its daemon is ready, and after a crash once that has lived for a while", async () => {
  const read = async (): Promise<{ labels: Record<string, string>; annotations: Record<string, string> }> =>
    JSON.parse(await cluster.kubectl(["get", "node", node.name, "--output=jsonpath={.metadata}"]));
  const offered = async (): Promise<string | undefined> => (await read()).labels[labels.schedulable];
  expect(await offered()).toBe("true");
  expect((await read()).annotations[annotations.heartbeat]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  await daemon.kill("SIGTERM");
  expect(await offered()).toBe("false");
  expect((await read()).annotations[annotations.heartbeat]).toBeUndefined();
  await daemon.start();
  expect(await offered()).toBe("true");
  await daemon.kill("SIGKILL");
  expect(await offered()).toBe("true");
  await daemon.start();
  expect(await offered()).toBe("false");
  await eventually(async () => {
    expect((await read()).annotations[annotations.unschedulableReason]).toBe(unschedulableReasons.crashed);
  });
  await eventually(async () => expect(await offered()).toBe("true"));
});

test("a daemon that is to run guests on KVM alone ends with the reason where there is none", async ({ skip }) => {
  skip((await daemon.sh("test -e /dev/kvm && echo there || true")) !== "", "this node has KVM");
  // As the daemon of a node that there is not: this one has its own.
  const flags = `--node=nowhere --kubeconfig=/opt/virt/kubeconfig --tls-folder=${tlsFolder} --port=0`;
  const program = `ACCELERATION=kvm timeout --signal=KILL 30 ${sourceNode} /opt/virt/virt-node-daemon/virt-node-daemon.mjs ${flags}`;
  const output = await daemon.sh(`${program} 2>&1 || echo "exit code $?"`);
  expect(output).toContain("error: Error: ACCELERATION=kvm: this node has no /dev/kvm that libvirt can use\n");
  expect(output).toMatch(/^exit code 1$/m);
});
