import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, expect, test } from "vitest";
import { eventually } from "../cluster.ts";
import { tiny, useStage } from "../main-path/stage.ts";
import { useFolder } from "./folder.ts";

const stage = useStage("port-forward");
const folder = useFolder();

beforeAll(async () => {
  await stage.virtOk(`create web ${tiny}`);
  await stage.namespace.kubectl("wait", "vmi", "web", "--for=condition=AgentConnected", "--timeout=90s");
});

/** Runs `kubectl virt port-forward` while something is done with the local port that it has taken. */
async function forwarding<T>(args: string, use: (port: number) => Promise<T>): Promise<T> {
  const namespace = `--namespace=${stage.namespace.name}`;
  const child = execa("kubectl", ["virt", "port-forward", ...args.split(" "), namespace], {
    env: stage.environment,
    reject: false,
  });
  try {
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    return await use(Number(/127\.0\.0\.1:(\d+)/.exec(line.toString())?.[1]));
  } finally {
    child.kill("SIGINT");
    await child;
  }
}

test("a page of the guest is at a local port, for one connection after another", async () => {
  await forwarding("vm/web :80", async (port) => {
    for (let round = 0; round < 3; round += 1) {
      expect(await (await fetch(`http://127.0.0.1:${port}/cgi-bin/index.cgi`)).text()).toBe("web\n");
    }
  });
});

test("a port is forwarded to standard input and output", async () => {
  const page = await stage.virtOk("port-forward --stdio vmi/web 80", "GET /cgi-bin/index.cgi HTTP/1.0\r\n\r\n");
  expect(page).toMatch(/^HTTP\/1\.[01] 200 OK[^]*\r\n\r\nweb\n$/);
});

test("a port that nobody serves is told of", async () => {
  const { exitCode, stderr } = await stage.virt("port-forward --stdio vm/web 81");
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("connection refused") });
});

test("Debian with cloud-init is logged in to by SSH, and answers datagrams", { timeout: 300_000 }, async () => {
  const key = join(folder.path, "key");
  await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
  const userData = `#cloud-config
hostname: box
users: [{ name: me, shell: /bin/bash, ssh_authorized_keys: ["${(await readFile(`${key}.pub`, "utf8")).trim()}"] }]
runcmd: [touch /run/marker]
`;
  await stage.namespace.apply({
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachineInstance",
    metadata: { name: "debian" },
    spec: {
      terminationGracePeriodSeconds: 5,
      domain: { memory: { guest: "512Mi" }, devices: { rng: {} } },
      volumes: [
        { name: "root", containerDisk: { image: "localhost/debian:latest", imagePullPolicy: "Never" } },
        { name: "seed", cloudInitNoCloud: { userData } },
      ],
    },
  });
  await stage.namespace.kubectl("wait", "vmi", "debian", "--for=condition=AgentConnected", "--timeout=200s");
  const options = ["StrictHostKeyChecking=no", `UserKnownHostsFile=${folder.path}/known`, "LogLevel=ERROR"];
  const ssh = (command: string) =>
    execa(
      "kubectl",
      [
        "virt",
        "ssh",
        "me@vmi/debian",
        `--namespace=${stage.namespace.name}`,
        `--identity-file=${key}`,
        ...options.map((option) => `--local-ssh-opts=-o ${option}`),
        `--command=${command}`,
      ],
      { env: stage.environment, reject: false, stdin: "ignore" },
    );
  await eventually(
    async () => expect((await ssh("ls /run/marker; uname -n; id -un")).stdout).toContain("box\nme"),
    120_000,
  );
  expect((await ssh("exit 7")).exitCode).toBe(7);

  const echo =
    "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', 7000)); d, a = s.recvfrom(9000); s.sendto(b'echo ' + d, a)";
  const server = ssh(`python3 -c "${echo}"`);
  await eventually(async () => expect((await ssh("ss --udp --listening --numeric")).stdout).toContain(":7000"));
  await forwarding("vmi/debian udp/:7000", async (port) => {
    const socket = createSocket("udp4");
    const answer = once(socket, "message");
    socket.send("hello", port, "127.0.0.1");
    expect(String((await answer)[0])).toBe("echo hello");
    socket.close();
  });
  expect((await server).exitCode).toBe(0);
});
