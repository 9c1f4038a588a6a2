import type { ImageMode } from "../image-mode.ts";

/** What an installation decides about placeholder pods. */
export interface PlaceholderSettings {
  /** The image with the `hold` program. */
  readonly holdImage: string;
  readonly holdPullPolicy: "Always" | "IfNotPresent" | "Never";
  /** How it has the images of disks. */
  readonly imageMode: ImageMode;
  /** The namespaces whose networks are for instances of all namespaces. */
  readonly globalNetworks: readonly string[];
}
