import * as names from "../constants/domain-event.ts";
import { DomainBlockJobType } from "../constants/domain-state.ts";
import {
  array,
  type Fields,
  type FieldsOut,
  flags,
  int,
  mapped,
  optional,
  type Shape,
  size,
  string,
  struct,
  uint,
  usize,
} from "../wire/shape.ts";
import { lifecycleDetail } from "./lifecycle.ts";
import { named } from "./names.ts";
import { call, Program, procedures } from "./procedure.ts";
import { domain } from "./structs.ts";
import { params } from "./typed-params.ts";

/** Procedures to register for events and to deregister. */
export const eventProcedures = procedures(Program.REMOTE, {
  connectDomainEventCallbackRegisterAny: call(316, { eventID: int, dom: optional(domain) }, { callbackID: int }),
  connectDomainEventCallbackDeregisterAny: call(317, { callbackID: int }),
});

/** A kind of event: the id for its registration, its message, and the content of the message. */
export interface EventKind<T> {
  readonly id: number;
  readonly message: number;
  /** The content after the callback id, with which every message begins. */
  readonly body: Shape<never, T>;
}

function kind<const F extends Fields>(id: number, message: number, fields: F): EventKind<FieldsOut<F>> {
  return { id, message, body: struct(fields) };
}

const address = struct({ family: named(names.GraphicsAddressType), node: string, service: string });
const identity = struct({ type: string, name: string });
const device = { dom: domain, devAlias: string };
const blockJob = { type: named(DomainBlockJobType), status: named(names.BlockJobStatus) };

/** All kinds of domain events, with libvirt's names. */
export const domainEvents = {
  lifecycle: {
    id: 0,
    message: 318,
    body: mapped(
      struct({ dom: domain, event: int, detail: int }),
      (value: never) => value,
      ({ dom, event, detail }) => ({ dom, ...lifecycleDetail(event, detail) }),
    ),
  },
  reboot: kind(1, 319, { dom: domain }),
  rtcChange: kind(2, 320, { dom: domain, utcOffset: size }),
  watchdog: kind(3, 321, { dom: domain, action: named(names.WatchdogAction) }),
  ioError: kind(4, 322, { dom: domain, srcPath: string, devAlias: string, action: named(names.IOErrorAction) }),
  graphics: kind(5, 323, {
    dom: domain,
    phase: named(names.GraphicsPhase),
    local: address,
    remote: address,
    authScheme: string,
    subject: array(identity),
  }),
  ioErrorReason: kind(6, 324, {
    dom: domain,
    srcPath: string,
    devAlias: string,
    action: named(names.IOErrorAction),
    reason: string,
  }),
  controlError: kind(7, 325, { dom: domain }),
  /** `path` is the file of the disk. */
  blockJob: kind(8, 326, { dom: domain, path: string, ...blockJob }),
  diskChange: kind(9, 327, {
    dom: domain,
    oldSrcPath: optional(string),
    newSrcPath: optional(string),
    devAlias: string,
    reason: named(names.DiskChangeReason),
  }),
  trayChange: kind(10, 328, { ...device, reason: named(names.TrayChangeReason) }),
  pmWakeup: kind(11, 329, { reason: int, dom: domain }),
  pmSuspend: kind(12, 330, { reason: int, dom: domain }),
  /** `actual` in KiB. */
  balloonChange: kind(13, 331, { dom: domain, actual: usize }),
  pmSuspendDisk: kind(14, 332, { reason: int, dom: domain }),
  deviceRemoved: kind(15, 333, device),
  /** `dst` is the target of the disk, such as `vda`. */
  blockJob2: kind(16, 341, { dom: domain, dst: string, ...blockJob }),
  tunable: kind(17, 346, { dom: domain, params }),
  agentLifecycle: kind(18, 348, {
    dom: domain,
    state: named(names.AgentState),
    reason: named(names.AgentReason),
  }),
  deviceAdded: kind(19, 354, device),
  migrationIteration: kind(20, 359, { dom: domain, iteration: int }),
  jobCompleted: kind(21, 363, { dom: domain, params }),
  deviceRemovalFailed: kind(22, 367, device),
  metadataChange: kind(23, 379, {
    dom: domain,
    type: named(names.DomainMetadataType),
    nsuri: optional(string),
  }),
  /** `threshold` and `excess` in bytes. */
  blockThreshold: kind(24, 385, {
    dom: domain,
    dev: string,
    path: optional(string),
    threshold: usize,
    excess: usize,
  }),
  memoryFailure: kind(25, 423, {
    dom: domain,
    recipient: named(names.MemoryFailureRecipient),
    action: named(names.MemoryFailureAction),
    flags,
  }),
  /** `size` in KiB. */
  memoryDeviceSizeChange: kind(26, 438, { dom: domain, alias: string, size: usize }),
} as const;

/** An event of QEMU's monitor, sent by the QEMU program. */
export const monitorEvent = {
  message: 6,
  body: struct({ dom: domain, event: string, seconds: size, micros: uint, details: optional(string) }),
} as const;
