import { type Domain, LibvirtError } from "../../../node-libvirt/src/index.ts";
import { metadataUri, parseMetadata } from "../../domain-xml/metadata.ts";
import type { DiskError, DomainObservation } from "../../drivers/hypervisor.ts";
import type { InstanceIdentity } from "../../instance/identity.ts";
import { diskFiles } from "../storage/disk-files.ts";
import { unlessGone } from "./errors.ts";

/** The state of a domain; `undefined` when the domain is gone or belongs to no instance. Throws LibvirtError. */
export async function observationOf(domain: Domain): Promise<DomainObservation | undefined> {
  const [identity, state] = await Promise.all([identityOf(domain), unlessGone(domain.getState())]);
  if (!identity || !state) return undefined;
  const observed = stateOf(state.state);
  const details = observed === "off" ? undefined : await detailsOf(domain);
  const { reason } = state;
  const diskErrors = observed === "paused" && reason === "IOERROR" ? await diskErrorsOf(domain) : [];
  return { identity, state: observed, reason, diskErrors, agent: false, machine: undefined, ...details };
}

function stateOf(state: string): DomainObservation["state"] {
  switch (state) {
    case "SHUTOFF":
    case "CRASHED":
      return "off";
    case "PAUSED":
      return "paused";
    default:
      return "running";
  }
}

async function diskErrorsOf(domain: Domain): Promise<DiskError[]> {
  const [errors = [], xml = ""] = await Promise.all([
    unlessGone(domain.getDiskErrors()),
    unlessGone(domain.getXMLDesc()),
  ]);
  const files = diskFiles(xml);
  return errors.map(({ disk, error }) => ({ target: disk, file: files.get(disk), full: error === "NO_SPACE" }));
}

/** The instance of a domain; `undefined` when the domain belongs to no instance or is gone. Throws LibvirtError. */
export async function identityOf(domain: Domain): Promise<InstanceIdentity | undefined> {
  try {
    return parseMetadata(await domain.getMetadata("ELEMENT", metadataUri));
  } catch (error) {
    const codes = ["VIR_ERR_NO_DOMAIN_METADATA", "VIR_ERR_NO_DOMAIN"];
    if (error instanceof LibvirtError && codes.includes(error.code)) return undefined;
    throw error;
  }
}

/** The details that only the XML of an active domain has. libvirt writes this XML, always in the same form. */
async function detailsOf(domain: Domain): Promise<Pick<DomainObservation, "agent" | "machine" | "user">> {
  const xml = (await unlessGone(domain.getXMLDesc())) ?? "";
  return {
    agent: /<target [^>]*name='org\.qemu\.guest_agent\.0'[^>]*state='connected'/.test(xml),
    machine: /<type [^>]*machine='([^']+)'/.exec(xml)?.[1],
    user: userIn(xml),
  };
}

function userIn(xml: string): number | undefined {
  const user = /<seclabel [^>]*model='dac'[^>]*>\s*<label>\+(\d+):/.exec(xml)?.[1];
  return user === undefined ? undefined : Number(user);
}
