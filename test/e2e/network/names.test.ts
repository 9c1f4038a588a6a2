import { beforeAll, describe, expect, test } from "vitest";
import { aPod, eventually, useNamespace } from "../cluster.ts";
import { anInstance, Guest } from "./guest.ts";
import { usePrograms } from "./programs.ts";

const namespace = useNamespace("names");
usePrograms(namespace);

const domain = "vms.names.svc.cluster.local";
const searched = [domain, "names.svc.cluster.local", "svc.cluster.local", "cluster.local"];
const long = `${"long-".repeat(13)}name`;

/** systemd-networkd searches domains that it is told of if it is asked to. */
const userData = `#cloud-config
runcmd:
  - |
    for file in /etc/systemd/network/10-cloud-init-*.network; do
      mkdir "$file.d" && printf '[DHCPv4]\\nUseDomains=yes\\n' > "$file.d/search.conf"
    done
    networkctl reload
    touch /run/marker
`;

interface Named {
  readonly name: string;
  readonly hostname: string;
  readonly spec?: object;
}

const noCloud = { name: "seed", cloudInitNoCloud: { userData } };
const configDrive = { name: "seed", cloudInitConfigDrive: { userData } };
const debian = (seed: object): object => ({
  domain: { memory: { guest: "384Mi" }, devices: { rng: {} } },
  volumes: [{ name: "root", containerDisk: { image: "localhost/debian:latest", imagePullPolicy: "Never" } }, seed],
});
const tiny: readonly Named[] = [
  { name: "db.prod", hostname: "db" },
  { name: `${long}-tiny`, hostname: long.slice(0, 63) },
  { name: "given.prod", hostname: "store", spec: { hostname: "store" } },
];
const debians: readonly Named[] = [
  { name: "web.prod", hostname: "web", spec: debian(noCloud) },
  { name: `debian-${long}`, hostname: `debian-${long}`.slice(0, 63), spec: debian(configDrive) },
];

beforeAll(async () => {
  await namespace.apply(
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "vms" },
      spec: { clusterIP: "None", selector: { app: "named" } },
    },
    ...[...debians, ...tiny].map(({ name, spec }) => {
      const made = anInstance(name, { subdomain: "vms", ...spec });
      return { ...made, metadata: { name, labels: { app: "named" } } };
    }),
    aPod("asks", "exec sleep 1d"),
  );
  await namespace.ready("asks");
});

/** What DNS tells a pod of a name. */
const addressOf = async (name: string): Promise<string> => namespace.exec("asks", `nslookup ${name}`);

describe.each(tiny)("a guest called $name", ({ name, hostname }) => {
  const guest = new Guest(namespace, name);
  let address = "";
  beforeAll(async () => {
    address = await guest.ready(300_000);
  });

  test("has by DHCP the host name by which DNS knows it", async () => {
    await eventually(async () => expect(await guest.sh("hostname")).toBe(`${hostname}\n`));
    await eventually(async () => expect(await addressOf(`${hostname}.${domain}`)).toContain(address));
  });

  test("searches its subdomain first, and so knows its own name", async () => {
    expect(await guest.sh("cat /etc/resolv.conf")).toContain(`search ${searched.join(" ")}\n`);
    await eventually(async () => expect(await guest.sh("ping -c 1 -W 5 $(hostname)")).toContain(`(${address})`));
  });
});

describe.each(debians)("a Debian called $name", ({ name, hostname }) => {
  const guest = new Guest(namespace, name);
  beforeAll(async () => {
    await guest.ready(600_000);
    await eventually(() => guest.sh("test -e /run/marker"), 300_000);
  }, 900_000);

  test("has from cloud-init the host name by which DNS knows it, and which its agent tells", async () => {
    expect(await guest.sh("uname -n; cat /etc/hostname; cloud-init query local_hostname")).toBe(
      `${hostname}\n`.repeat(3),
    );
    const { bundle } = await guest.node();
    const told = await bundle.run(["virsh", "domhostname", `${namespace.name}_${name}`, "--source", "agent"]);
    expect(told.trim()).toBe(hostname);
    const address = await guest.field(".status.interfaces[0].ipAddress");
    await eventually(async () => expect(await addressOf(`${hostname}.${domain}`)).toContain(address));
  });

  test("knows the domain that it is in", async () => {
    await eventually(async () => expect(await guest.sh("hostname -f")).toBe(`${hostname}.${domain}\n`));
    // It is told in lines.
    expect((await guest.sh("resolvectl domain")).replaceAll(/\s+/g, " ")).toContain(searched.join(" "));
  });
});
