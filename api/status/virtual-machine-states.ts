/** When a VirtualMachine has an instance. */
export const runStrategies = ["Always", "Halted", "Manual", "RerunOnFailure", "Once"] as const;
export type RunStrategy = (typeof runStrategies)[number];

/** The run strategy of a spec in either form; `running` is the older one. */
export function runStrategyOf(spec: {
  runStrategy?: RunStrategy | undefined;
  running?: boolean | undefined;
}): RunStrategy {
  return spec.runStrategy ?? (spec.running === true ? "Always" : "Halted");
}

/** The state of a VirtualMachine as one word, which `kubectl get` shows. */
export const printableStatuses = [
  "Stopped",
  "Provisioning",
  "Starting",
  "Running",
  "Paused",
  "Stopping",
  "Terminating",
  "CrashLoopBackOff",
  "Migrating",
  "Unknown",
  "ErrorUnschedulable",
  "ErrImagePull",
  "ImagePullBackOff",
  "ErrorPvcNotFound",
  "DataVolumeError",
  "WaitingForVolumeBinding",
] as const;
export type PrintableStatus = (typeof printableStatuses)[number];
