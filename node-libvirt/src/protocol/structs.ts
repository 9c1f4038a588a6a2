import { IPAddrType } from "../constants/guest-flags.ts";
import { SecretUsageType } from "../constants/storage-flags.ts";
import { array, int, optional, string, struct, uint } from "../wire/shape.ts";
import { uuid } from "../wire/uuid.ts";
import { named } from "./names.ts";

/** `remote_nonnull_domain`: the identity of a domain; `id` is -1 while it is not running. */
export const domain = struct({ name: string, uuid, id: int });
/** The identity of a domain. */
export interface DomainRef {
  name: string;
  uuid: string;
  id: number;
}

/** `remote_nonnull_domain_snapshot`. */
export const snapshot = struct({ name: string, dom: domain });
/** `remote_nonnull_domain_checkpoint`. */
export const checkpoint = struct({ name: string, dom: domain });
/** `remote_nonnull_network`. */
export const network = struct({ name: string, uuid });
/** `remote_nonnull_storage_pool`. */
export const storagePool = struct({ name: string, uuid });
/** `remote_nonnull_storage_vol`: its pool's name, its own, and its unique key (usually a path). */
export const storageVol = struct({ pool: string, name: string, key: string });
/** `remote_nonnull_secret`. */
export const secret = struct({ uuid, usageType: named(SecretUsageType), usageID: string });

/** `remote_error`: the payload of every packet whose status is ERROR. */
export const remoteError = struct({
  code: int,
  domain: int,
  message: optional(string),
  level: int,
  dom: optional(domain),
  str1: optional(string),
  str2: optional(string),
  str3: optional(string),
  int1: int,
  int2: int,
  net: optional(network),
});

/** The addresses of one of a guest's network interfaces. */
export const domainInterface = struct({
  name: string,
  hwaddr: optional(string),
  addrs: array(struct({ type: named(IPAddrType), addr: string, prefix: uint })),
});
