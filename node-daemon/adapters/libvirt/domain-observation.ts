import { type Domain, LibvirtError } from "../../../node-libvirt/src/index.ts";
import { metadataUri } from "../../domain-xml/metadata.ts";
import { readDomain, readMetadata } from "../../domain-xml/read.ts";
import type { DiskError, DomainObservation } from "../../drivers/hypervisor.ts";
import type { InstanceIdentity } from "../../instance/identity.ts";
import { unlessGone } from "./errors.ts";

/** The state of a domain; `undefined` when the domain is gone or belongs to no instance. Throws LibvirtError. */
export async function observationOf(domain: Domain): Promise<DomainObservation | undefined> {
  const [identity, state] = await Promise.all([identityOf(domain), unlessGone(domain.getState())]);
  if (!identity || !state) return undefined;
  const observed = stateOf(state.state);
  const { reason } = state;
  if (observed === "off") {
    return { identity, state: observed, reason, diskErrors: [], agent: false, machine: undefined };
  }
  const { machine, agent, user, files } = readDomain((await unlessGone(domain.getXMLDesc())) ?? "");
  const diskErrors = observed === "paused" && reason === "IOERROR" ? await diskErrorsOf(domain, files) : [];
  return { identity, state: observed, reason, diskErrors, agent, machine, user };
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

async function diskErrorsOf(domain: Domain, files: ReadonlyMap<string, string>): Promise<DiskError[]> {
  const errors = (await unlessGone(domain.getDiskErrors())) ?? [];
  return errors.map(({ disk, error }) => ({ target: disk, file: files.get(disk), full: error === "NO_SPACE" }));
}

/** The instance of a domain; `undefined` when the domain belongs to no instance or is gone. Throws LibvirtError. */
export async function identityOf(domain: Domain): Promise<InstanceIdentity | undefined> {
  try {
    return readMetadata(await domain.getMetadata("ELEMENT", metadataUri));
  } catch (error) {
    const codes = ["VIR_ERR_NO_DOMAIN_METADATA", "VIR_ERR_NO_DOMAIN"];
    if (error instanceof LibvirtError && codes.includes(error.code)) return undefined;
    throw error;
  }
}
