import { expect, test } from "vitest";
import { aPod, eventually, useNamespace } from "../cluster.ts";

const level = (name: string): Record<string, string> => ({ "pod-security.kubernetes.io/enforce": name });
const privileged = useNamespace("privileged", level("privileged"));
const restricted = useNamespace("restricted", level("restricted"));

test("a privileged namespace runs a privileged pod, which may mount and reach the node's devices", async () => {
  const script = "mount -t tmpfs none /tmp && test -c /dev/kmsg && echo mounted && exec sleep 1000";
  await privileged.apply(aPod("root", script, { hostPID: true }, { securityContext: { privileged: true } }));
  await privileged.ready("root");
  // A pod is Ready before its script has run.
  await eventually(async () => expect(await privileged.kubectl("logs", "root")).toBe("mounted"));
});

test("a restricted namespace refuses a privileged pod and names what is wrong", async () => {
  const pod = aPod("root", "exec sleep 1000", {}, { securityContext: { privileged: true } });
  await expect(restricted.apply(pod)).rejects.toThrow(/violates PodSecurity "restricted:latest": privileged/);
});

test("a restricted namespace runs a pod without any privilege", async () => {
  const securityContext = {
    runAsNonRoot: true,
    runAsUser: 1000,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  };
  await restricted.apply(
    aPod("user", "id -u; grep CapEff /proc/self/status; exec sleep 1000", {}, { securityContext }),
  );
  await restricted.ready("user");
  const lines = async (): Promise<string[]> => (await restricted.kubectl("logs", "user")).split("\n");
  await eventually(async () => expect(await lines()).toEqual(["1000", "CapEff:\t0000000000000000"]));
});

test("the hold image runs in a restricted namespace as any user on a read-only root", async () => {
  const securityContext = {
    runAsNonRoot: true,
    runAsUser: 12345,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  };
  const container = { image: "localhost/hold:latest", command: ["/hold"], securityContext };
  await restricted.apply(aPod("hold", "", {}, container));
  await restricted.ready("hold");
  expect(await restricted.kubectl("get", "pod", "hold", "--output=jsonpath={.status.phase}")).toBe("Running");
});
