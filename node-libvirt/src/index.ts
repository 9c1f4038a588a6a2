export type { Caller, Placement } from "./caller.ts";
export { type ConnectOptions, connect } from "./connect.ts";
export { Connection } from "./connection/connection.ts";
export type { DomainStats, DomainStatsQuery } from "./connection/connection-domains.ts";
export type {
  DomainEvent,
  DomainEventName,
  IterateOptions,
  MonitorEvent,
  SubscribeOptions,
  Subscription,
} from "./connection/connection-events.ts";
export type { DomainCapabilitiesQuery, NodeInfo } from "./connection/connection-host.ts";
export * from "./constants/block-flags.ts";
export * from "./constants/domain-event.ts";
export * from "./constants/domain-flags.ts";
export * from "./constants/domain-state.ts";
export * from "./constants/error-code.ts";
export * from "./constants/error-domain.ts";
export * from "./constants/guest-flags.ts";
export * from "./constants/migrate-flags.ts";
export * from "./constants/storage-flags.ts";
export { Domain } from "./domain/domain.ts";
export type { BlockCopyParams, BlockIoTune, BlockJobInfo } from "./domain/domain-blocks.ts";
export { DomainCheckpoint } from "./domain/domain-checkpoint.ts";
export type { DomainInfo } from "./domain/domain-description.ts";
export type { DomainInterface, FSInfo } from "./domain/domain-guest.ts";
export type { MigrateParams } from "./domain/domain-jobs.ts";
export type { Vcpu } from "./domain/domain-resources.ts";
export { DomainSnapshot } from "./domain/domain-snapshot.ts";
export * from "./errors.ts";
export type { EventStream } from "./event/event-iterator.ts";
export { domainEvents } from "./protocol/event.ts";
export type { LifecycleDetail, StateReason } from "./protocol/lifecycle.ts";
export { type Name, type Names, named, nameOf, numberOf } from "./protocol/names.ts";
export { call, job, type Procedure, Program, procedures, stream } from "./protocol/procedure.ts";
export type { DomainRef } from "./protocol/structs.ts";
export { procedureTable } from "./protocol/table.ts";
export {
  type ExplicitParams,
  type ParamValue,
  params,
  type TypedParams,
  typedParams,
} from "./protocol/typed-params.ts";
export type { AddressOptions } from "./rpc/address.ts";
export type { KeepAliveOptions } from "./rpc/keep-alive.ts";
export type { Hole, LibvirtReadable, LibvirtStream, StreamShape } from "./rpc/libvirt-stream.ts";
export type { CallOptions } from "./rpc/pending-calls.ts";
export type { Handler } from "./rpc/receiver.ts";
export { Secret } from "./secret.ts";
export type { LimitOptions, ReconnectOptions } from "./session-options.ts";
export { StoragePool } from "./storage/storage-pool.ts";
export { StorageVolume, type VolumeRange } from "./storage/storage-volume.ts";
export * from "./wire/shape.ts";
export { uuid } from "./wire/uuid.ts";
export { MalformedError } from "./wire/xdr-reader.ts";
