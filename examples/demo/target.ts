import type { Stages } from "./stages.ts";

/** The demo's flags. */
export interface DemoOptions {
  readonly name: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly image?: string;
  readonly imagePullPolicy?: string;
  readonly vm: string;
  readonly screenshot: string;
}

/** The flags of `kubectl virt create` for an image. */
export function imageFlags(image: string, pullPolicy: string | undefined): string[] {
  return ["--image", image, ...(pullPolicy === undefined ? [] : ["--image-pull-policy", pullPolicy])];
}

/** A cluster that the demo runs in. */
export interface Target {
  /** What it is, in a sentence. */
  readonly title: string;
  /** Makes it ready, or throws with what is missing. */
  prepare(stages: Stages): Promise<void>;
  /** What makes kubectl, and its plugin, use it. */
  readonly environment: NodeJS.ProcessEnv;
  /** What each kubectl command is given beside its own flags. */
  readonly flags: readonly string[];
  /** The flags of `kubectl virt create` that name the guest's image. */
  readonly image: readonly string[];
  /** The commands, and what they are for, that a person begins with, and ends with. */
  readonly use: readonly (readonly [command: string, what: string])[];
  readonly end: readonly (readonly [command: string, what: string])[];
}
