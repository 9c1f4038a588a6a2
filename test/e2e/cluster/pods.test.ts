import { beforeAll, expect, test } from "vitest";
import { aPod, eventually, nodes, useNamespace } from "../cluster.ts";

const namespace = useNamespace("pods");
const serve = (text: string): string => `echo '${text}' > /tmp/index.html; echo serving; exec httpd -f -p 8080 -h /tmp`;
const on = (index: 0 | 1): object => ({ nodeSelector: { "kubernetes.io/hostname": nodes[index].name } });
const service = (name: string): object => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
});

beforeAll(async () => {
  await namespace.apply(
    aPod("first", serve("from the first"), on(0)),
    aPod("second", serve("from the second"), on(1)),
    service("first"),
    service("second"),
  );
  await namespace.ready("first", "second");
});

const addressOf = (kind: string, name: string): Promise<string> =>
  namespace.kubectl("get", kind, name, `--output=jsonpath={${kind === "pod" ? ".status.podIP" : ".spec.clusterIP"}}`);

/** A page as a pod gets it; a pod is Ready before its server listens, and a Service is not on every node at once. */
const fetched = (pod: string, url: string): Promise<string> => namespace.exec(pod, `timeout 20 wget -qO- ${url}`);

test.for([
  ["first", "second"],
  ["second", "first"],
] as const)("the pod %s reaches the pod %s of the other node by pod IP, ClusterIP and DNS name", async ([from, to]) => {
  const urls = [
    `http://${await addressOf("pod", to)}:8080`,
    `http://${await addressOf("service", to)}`,
    `http://${to}`,
    `http://${to}.pods.svc.cluster.local`,
  ];
  for (const url of urls) {
    await eventually(async () => expect(await fetched(from, url), url).toBe(`from the ${to}`));
  }
});

test("a pod reaches itself through its own Service", async () => {
  await eventually(async () => expect(await fetched("first", "http://first.pods")).toBe("from the first"));
});

test("a pod is seen with its own address by a pod of the other node", async () => {
  // httpd hands the client's address to a CGI program.
  await namespace.exec(
    "second",
    'mkdir -p /tmp/cgi-bin && printf "#!/bin/sh\\necho; echo \\$REMOTE_ADDR" > /tmp/cgi-bin/who && chmod +x /tmp/cgi-bin/who',
  );
  const url = `http://${await addressOf("pod", "second")}:8080/cgi-bin/who`;
  expect(await fetched("first", url)).toContain(await addressOf("pod", "first"));
});

test("exec carries standard input, output and the exit code", async () => {
  expect(await namespace.kubectl("exec", "first", "--", "hostname")).toBe("first");
  await expect(namespace.kubectl("exec", "first", "--", "sh", "-c", "echo lost >&2; exit 7")).rejects.toMatchObject({
    exitCode: 7,
    stderr: expect.stringContaining("lost"),
  });
});

test("logs shows what a container wrote", async () => {
  expect(await namespace.kubectl("logs", "second")).toBe("serving");
});
