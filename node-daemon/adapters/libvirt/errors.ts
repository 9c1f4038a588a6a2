import { LibvirtError } from "../../../node-libvirt/src/index.ts";
import { RefusedError } from "../../core/refused-error.ts";

/** libvirt's error codes for requests that libvirt, QEMU or the processor of this node cannot fulfil. */
const refusals: ReadonlySet<string> = new Set([
  "VIR_ERR_XML_ERROR",
  "VIR_ERR_XML_DETAIL",
  "VIR_ERR_XML_INVALID_SCHEMA",
  "VIR_ERR_CONFIG_UNSUPPORTED",
  "VIR_ERR_CPU_INCOMPATIBLE",
]);

/** The result of the call. Throws a RefusedError when trying again is of no use. */
export async function asRefusal<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof LibvirtError && refusals.has(error.code)) {
      throw new RefusedError(error.message, { cause: error });
    }
    throw error;
  }
}

/** The result of the call, or undefined when the domain was already off or gone. */
export async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    const codes = ["VIR_ERR_NO_DOMAIN", "VIR_ERR_OPERATION_INVALID"];
    if (error instanceof LibvirtError && codes.includes(error.code)) return undefined;
    throw error;
  }
}
