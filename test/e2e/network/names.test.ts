import { beforeAll, describe, expect, test } from "vitest";
import { aPod, eventually, useNamespace } from "../cluster.ts";
import { anInstance, Guest } from "./guest.ts";
import { domainOf, headless, knowsItsName, searchedBelow, toSearchDomains } from "./own-name.ts";
import { usePrograms } from "./programs.ts";

const namespace = useNamespace("names");
usePrograms(namespace);

const domain = domainOf(namespace, "vms");
const searched = [domain, ...searchedBelow(namespace)];
const long = `${"long-".repeat(13)}name`;

interface Named {
  readonly name: string;
  readonly hostname: string;
  readonly spec?: object;
}

const tiny: readonly Named[] = [
  { name: "db.prod", hostname: "db" },
  { name: `${long}-tiny`, hostname: long.slice(0, 63) },
  { name: "given.prod", hostname: "store", spec: { hostname: "store" } },
];
/** With NoCloud's data it is `main-path/debian.test.ts` that asks. */
const debian: Named = {
  name: `debian-${long}.prod`,
  hostname: `debian-${long}`.slice(0, 63),
  spec: {
    domain: { memory: { guest: "384Mi" }, devices: { rng: {} } },
    volumes: [
      { name: "root", containerDisk: { image: "localhost/debian:latest", imagePullPolicy: "Never" } },
      { name: "seed", cloudInitConfigDrive: { userData: `#cloud-config\n${toSearchDomains}\n` } },
    ],
  },
};

beforeAll(async () => {
  await namespace.apply(
    headless("vms"),
    ...[debian, ...tiny].map(({ name, spec }) => {
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

test("a Debian with a ConfigDrive has from cloud-init the host name by which DNS knows it, and knows its domain", {
  timeout: 1_200_000,
}, async () => {
  const guest = new Guest(namespace, debian.name);
  await guest.ready(600_000);
  await eventually(() => guest.sh("test -e /run/marker"), 300_000);
  await knowsItsName(guest, { hostname: debian.hostname, subdomain: "vms" });
  const address = await guest.field(".status.interfaces[0].ipAddress");
  await eventually(async () => expect(await addressOf(`${debian.hostname}.${domain}`)).toContain(address));
});
