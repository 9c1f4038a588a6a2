/** The names of all steps, with the parameters of each besides its context. `steps.ts` says how each is done. */
interface Parameters {
  "make-folder": unknown;
  "show-ephemeral": unknown;
  "make-empty-disk": OfVolume;
  "make-cloud-init": OfVolume;
  "make-file-disk": OfVolume;
  "make-overlay": OfVolume;
  "show-claim": OfVolume;
  "make-variables": unknown;
  "take-kernel": unknown;
  "keep-links": unknown;
  "make-taps": unknown;
  define: unknown;
  "enforce-isolation": Concurrent;
  "start-paused": unknown;
  "attach-console": unknown;
  "check-images": unknown;
  "check-confinement": unknown;
  adopt: unknown;
  "attach-network": Concurrent;
  resume: unknown;
  "mark-started": unknown;
  "continue-after-full": unknown;
  thaw: { readonly ifPossible?: true };
  "forget-freeze": unknown;
  "note-stop": unknown;
  "press-power-button": unknown;
  destroy: unknown;
  "mark-ended": unknown;
  "detach-console": unknown;
  undefine: unknown;
  "remove-taps": unknown;
  "remove-disks": unknown;
  "release-hold": unknown;
  "remove-folder": unknown;
}

interface OfVolume {
  readonly volume: string;
}

interface Concurrent {
  /** Whether it starts together with the step before it. The two do not depend on each other, and both mostly wait. */
  readonly concurrent?: boolean;
}

export type StepName = keyof Parameters;

/** One action on an instance, of the given names. */
export type Step<Name extends StepName = StepName> = {
  [One in Name]: { readonly do: One } & Parameters[One];
}[Name];

/** A step that makes the disk of a volume. */
export type VolumeStep = Step<"make-empty-disk" | "make-cloud-init" | "make-file-disk" | "make-overlay" | "show-claim">;
