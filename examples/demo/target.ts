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

/** Makes the flags of `kubectl virt create` for an image. */
export function imageFlags(image: string, pullPolicy: string | undefined): string[] {
  return ["--image", image, ...(pullPolicy === undefined ? [] : ["--image-pull-policy", pullPolicy])];
}

/** The cluster of the demo. */
export interface Target {
  /** Describes the cluster in a sentence. */
  readonly title: string;
  /** Makes the cluster ready, or throws an error that names the missing part. */
  prepare(stages: Stages): Promise<void>;
  /** The environment with which kubectl and its plugin use the cluster. */
  readonly environment: NodeJS.ProcessEnv;
  /** Flags for each kubectl command, besides its own. */
  readonly flags: readonly string[];
  /** The flags of `kubectl virt create` that name the guest's image. */
  readonly image: readonly string[];
  /** A person's first commands (`use`) and last commands (`end`), each with its purpose. */
  readonly use: readonly (readonly [command: string, what: string])[];
  readonly end: readonly (readonly [command: string, what: string])[];
}
