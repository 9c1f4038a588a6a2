import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { eventually } from "../cluster.ts";
import { useFolder } from "../network/folder.ts";
import { forwarding } from "../network/forwarding.ts";
import { Guest } from "../network/guest.ts";
import { headless, knowsItsName, toSearchDomains } from "../network/own-name.ts";
import { useStage } from "./stage.ts";

const stage = useStage("debian");
const { namespace } = stage;
const folder = useFolder();

const claim = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "data" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "64Mi" } } },
};

// The image has a name of its own in its /etc/hosts: debian.
const [name, hostname] = ["box.prod", "box"];

/** A Debian whose user `me` logs in with a key, and whose second disk is a claim. */
function machine(publicKey: string, image = "localhost/debian:latest"): object {
  const userData = `#cloud-config
users: [{ name: me, groups: disk, shell: /bin/bash, ssh_authorized_keys: ["${publicKey}"] }]
${toSearchDomains}
`;
  const spec = {
    terminationGracePeriodSeconds: 5,
    subdomain: "vms",
    domain: { memory: { guest: "512Mi" }, devices: { rng: {} } },
    volumes: [
      { name: "root", containerDisk: { image, imagePullPolicy: "Never" } },
      { name: "data", persistentVolumeClaim: { claimName: "data" } },
      { name: "seed", cloudInitNoCloud: { userData } },
    ],
  };
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name },
    spec: { runStrategy: "Always", template: { metadata: { labels: { app: "named" } }, spec } },
  };
}

/** Runs a command in the guest by SSH. */
const ssh = (command: string) => {
  const options = ["StrictHostKeyChecking=no", `UserKnownHostsFile=${folder.path}/known`, "LogLevel=ERROR"];
  return execa(
    "kubectl",
    [
      "virt",
      "ssh",
      `me@vm/${name}`,
      `--namespace=${namespace.name}`,
      `--identity-file=${folder.path}/key`,
      ...options.map((option) => `--local-ssh-opts=-o ${option}`),
      `--command=${command}`,
    ],
    { env: stage.environment, reject: false, stdin: "ignore" },
  );
};

/** The same by ssh itself, as people have it in their ssh_config for KubeVirt's client. */
async function sshByConfig(host: string, command: string): Promise<string> {
  const config = join(folder.path, "ssh_config");
  const lines = [
    "Host vm/* vmi/*",
    "ProxyCommand kubectl virt port-forward --stdio=true %h %p",
    `IdentityFile ${folder.path}/key`,
    "StrictHostKeyChecking no",
    `UserKnownHostsFile ${folder.path}/known-by-config`,
    "LogLevel ERROR",
  ];
  await writeFile(config, `${lines.join("\n")}\n`);
  const { stdout } = await execa("ssh", ["-F", config, `me@${host}`, command], {
    env: stage.environment,
    stdin: "ignore",
  });
  return stdout;
}

async function answersDatagrams(): Promise<void> {
  const echo =
    "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', 7000)); d, a = s.recvfrom(9000); s.sendto(b'echo ' + d, a)";
  const server = ssh(`python3 -c "${echo}"`);
  const listening = async (): Promise<string> => (await ssh("ss --udp --listening --numeric")).stdout;
  await eventually(async () => expect(await listening()).toContain(":7000"), 180_000);
  await forwarding(stage, `vmi/${name} udp/:7000`, async (port) => {
    const socket = createSocket("udp4");
    const answer = once(socket, "message");
    socket.send("hello", port, "127.0.0.1");
    expect(String((await answer)[0])).toBe("echo hello");
    socket.close();
  });
  expect((await server).exitCode).toBe(0);
}

test("Debian is set up by cloud-init and logged in to by SSH, and its data outlive it", {
  timeout: 1_200_000,
}, async () => {
  await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder.path, "key")]);
  const key = (await readFile(join(folder.path, "key.pub"), "utf8")).trim();
  await namespace.apply(claim, headless("vms"), machine(key));
  await eventually(
    async () => expect((await ssh("ls /run/marker; uname -n; id -un")).stdout).toBe(`/run/marker\n${hostname}\nme`),
    600_000,
  );
  expect((await ssh("exit 7")).exitCode).toBe(7);
  for (const host of [`vm/${name}/${namespace.name}`, `vmi/${name}/${namespace.name}`]) {
    expect(await sshByConfig(host, "id -un")).toBe("me");
  }
  await answersDatagrams();
  await knowsItsName(new Guest(namespace, name), { hostname, subdomain: "vms" });

  expect(await ssh("echo kept > /dev/vdb && sync")).toMatchObject({ exitCode: 0 });
  await namespace.kubectl("delete", "vm", name, "--timeout=180s");
  // Made again with the guest that is up sooner.
  await namespace.apply(machine(key, "localhost/tiny:latest"));
  const successor = new Guest(namespace, name);
  await eventually(async () => expect(await successor.sh("head -n 1 /dev/vdb")).toBe("kept\n"), 240_000);
});
