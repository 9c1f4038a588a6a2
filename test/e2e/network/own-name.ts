import { expect } from "vitest";
import { eventually, type Namespace } from "../cluster.ts";
import type { Guest } from "./guest.ts";

/** Part of cloud-init's user data: makes systemd-networkd use the search domains from DHCP. */
export const toSearchDomains = `runcmd:
  - |
    for file in /etc/systemd/network/10-cloud-init-*.network; do
      mkdir "$file.d" && printf '[DHCPv4]\\nUseDomains=yes\\n' > "$file.d/search.conf"
    done
    networkctl reload
    touch /run/marker`;

/** Makes a Service that gives DNS names to a subdomain's machines, which have the label `app: named`. */
export function headless(subdomain: string): object {
  const spec = { clusterIP: "None", selector: { app: "named" } };
  return { apiVersion: "v1", kind: "Service", metadata: { name: subdomain }, spec };
}

/** Returns the search domains of any Pod in a namespace. */
export function searchedBelow({ name }: Namespace): string[] {
  return [`${name}.svc.cluster.local`, "svc.cluster.local", "cluster.local"];
}

export function domainOf({ name }: Namespace, subdomain: string): string {
  return `${subdomain}.${name}.svc.cluster.local`;
}

/** Checks that a Debian guest has the same name for itself, cloud-init, its agent and DNS. */
export async function knowsItsName(
  guest: Guest,
  { hostname, subdomain }: { hostname: string; subdomain: string },
): Promise<void> {
  const { namespace } = guest;
  expect(await guest.sh("uname -n; cat /etc/hostname; cloud-init query local_hostname")).toBe(
    `${hostname}\n`.repeat(3),
  );
  const { bundle } = await guest.node();
  const told = await bundle.run(["virsh", "domhostname", `${namespace.name}_${guest.name}`, "--source", "agent"]);
  expect(told.trim()).toBe(hostname);
  const domain = domainOf(namespace, subdomain);
  await eventually(async () => expect(await guest.sh("hostname -f")).toBe(`${hostname}.${domain}\n`));
  // resolvectl prints the domains in several lines.
  const searched = [domain, ...searchedBelow(namespace)].join(" ");
  expect((await guest.sh("resolvectl domain")).replaceAll(/\s+/g, " ")).toContain(searched);
}
