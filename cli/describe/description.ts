import { guestMemoryOf, topologyOf, vcpusOf } from "../../api/guest-size.ts";
import type { Event } from "../../api/kube/events.ts";
import type { VirtualMachine, VirtualMachineInstance } from "../../api/resources.ts";
import type { InstanceSpec } from "../../api/schema/instance-spec.ts";
import type { Volume } from "../../api/schema/volume.ts";
import { runStrategyOf } from "../../api/status/virtual-machine-states.ts";
import { eventTime } from "../event-time.ts";
import { formatAge, formatDuration } from "../flags/duration.ts";
import { Sections } from "./sections.ts";

/** The objects of a description: a machine, its instance, or both. */
export interface Described {
  readonly machine?: VirtualMachine | undefined;
  readonly instance?: VirtualMachineInstance | undefined;
  /** Missing if the user did not ask for events. */
  readonly events?: readonly Event[] | "forbidden" | undefined;
  readonly now?: number;
}

/** Describes a machine for people. */
export function description({ machine, instance, events, now = Date.now() }: Described): string {
  const sections = new Sections();
  const metadata = (machine ?? instance)?.metadata ?? {};
  sections.line("Name", metadata.name);
  sections.line("Namespace", metadata.namespace);
  sections.map("Labels", metadata.labels);
  sections.map("Annotations", metadata.annotations);
  sections.line("Created", ago(metadata.creationTimestamp, now));
  if (metadata.deletionTimestamp) sections.line("Terminating", `since ${ago(metadata.deletionTimestamp, now)}`);
  if (machine) {
    // Without a status, the controller has not looked at the machine yet. The status "Unknown" is another fact.
    sections.line("Status", machine.status?.printableStatus);
    sections.line("Run Strategy", runStrategyOf(machine.spec));
    const failures = machine.status?.startFailure?.consecutiveFailCount;
    if (failures) sections.line("Failed Starts", `${failures} in a row`);
  }
  const spec = instance?.spec ?? machine?.spec.template.spec;
  if (spec) hardware(sections, spec);
  if (instance) run(sections, instance, now);
  sections.table("Conditions", conditions(machine, instance, now));
  // "None" is true only after a look.
  if (events === "forbidden") sections.line("Events", "<forbidden>");
  else if (events) sections.table("Events", eventRows(events, now), "<none>");
  return sections.text();
}

function hardware(sections: Sections, spec: InstanceSpec): void {
  const { cpu, devices } = spec.domain;
  const { sockets, cores, threads } = topologyOf(cpu);
  const topology = vcpusOf(cpu) > 1 ? ` (${sockets} sockets, ${cores} cores, ${threads} threads)` : "";
  sections.line("CPUs", `${vcpusOf(cpu)}${topology}`);
  const amount = guestMemoryOf(spec.domain);
  sections.line("Memory", amount === undefined ? undefined : String(amount));
  const disks = new Map(devices?.disks?.map((disk) => [disk.name, disk]));
  const rows = (spec.volumes ?? []).map((volume) => {
    const disk = disks.get(volume.name);
    const type = disk?.cdrom ? "cdrom" : disk?.lun ? "lun" : "disk";
    const bus = (disk?.cdrom ?? disk?.lun ?? disk?.disk)?.bus ?? "";
    return [volume.name, type, bus, sourceOf(volume)];
  });
  sections.table("Disks", rows.length > 0 ? [["Name", "Type", "Bus", "Source"], ...rows] : []);
}

function sourceOf({ name: _name, ...sources }: Volume): string {
  const [kind = "?"] = Object.keys(sources);
  const { cloudInitNoCloud, cloudInitConfigDrive, persistentVolumeClaim, ephemeral } = sources;
  const cloudInit = cloudInitNoCloud ?? cloudInitConfigDrive;
  // Print only the names of the fields: the data may hold passwords.
  if (cloudInit) return `${kind} (${Object.keys(cloudInit).join(", ")})`;
  const name =
    (persistentVolumeClaim ?? ephemeral?.persistentVolumeClaim)?.claimName ??
    (sources.dataVolume ?? sources.configMap)?.name ??
    sources.secret?.secretName ??
    sources.serviceAccount?.serviceAccountName;
  const detail = name ?? sources.containerDisk?.image ?? sources.emptyDisk?.capacity;
  return detail === undefined ? kind : `${kind} ${detail}`;
}

function run(sections: Sections, { status = {} }: VirtualMachineInstance, now: number): void {
  sections.line("Phase", status.phase);
  sections.line("Node", status.nodeName);
  const { guestOSInfo, interfaces = [], phaseTransitionTimestamps = [] } = status;
  sections.line("Guest", guestOSInfo?.prettyName ?? guestOSInfo?.name);
  const rows = interfaces.map(({ name = "", interfaceName = "", mac = "", ipAddress = "", ipAddresses }) => [
    name,
    interfaceName,
    mac,
    (ipAddresses ?? [ipAddress]).join(","),
  ]);
  sections.table("Interfaces", rows.length > 0 ? [["Network", "Interface", "MAC", "Addresses"], ...rows] : []);
  const times = phaseTransitionTimestamps.map(({ phase = "", phaseTransitionTimestamp: time }) => ({ phase, time }));
  sections.table(
    "Phases",
    times.map(({ phase, time }, index) => {
      const next = times[index + 1]?.time;
      const end = next ? Date.parse(next) : now;
      return [phase, time ? `${next ? "for" : "since"} ${formatDuration(end - Date.parse(time))}` : ""];
    }),
  );
}

function conditions(
  machine: VirtualMachine | undefined,
  instance: VirtualMachineInstance | undefined,
  now: number,
): string[][] {
  const rows = [
    ...(machine?.status?.conditions ?? []).map(row("VM")),
    ...(instance?.status?.conditions ?? []).map(row("VMI")),
  ];
  return rows.length > 0 ? [["Of", "Type", "Status", "Age", "Reason", "Message"], ...rows] : [];

  function row(of: string) {
    return (condition: NonNullable<NonNullable<VirtualMachine["status"]>["conditions"]>[number]): string[] => {
      const { type, status, reason = "", message = "", lastTransitionTime } = condition;
      return [
        of,
        type,
        status,
        lastTransitionTime ? formatAge(now - Date.parse(lastTransitionTime)) : "",
        reason,
        message,
      ];
    };
  }
}

function eventRows(events: readonly Event[], now: number): string[][] {
  const rows = events
    .toSorted((a, b) => eventTime(a).localeCompare(eventTime(b)))
    .map((event) => {
      const times = (event.count ?? 1) > 1 ? ` (x${event.count})` : "";
      const from = event.reportingComponent || event.source?.component || "";
      const age = formatAge(now - Date.parse(eventTime(event))) + times;
      return [event.type ?? "", event.reason ?? "", age, from, (event.message ?? "").trim()];
    });
  return rows.length > 0 ? [["Type", "Reason", "Age", "From", "Message"], ...rows] : [];
}

function ago(time: string | null | undefined, now: number): string | undefined {
  return time ? `${time} (${formatAge(now - Date.parse(time))} ago)` : undefined;
}
