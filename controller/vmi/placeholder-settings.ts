import type { ImageMode } from "../image-mode.ts";

/** The installation's settings for placeholder pods. */
export interface PlaceholderSettings {
  /** The image with the `hold` program. */
  readonly holdImage: string;
  readonly holdPullPolicy: "Always" | "IfNotPresent" | "Never";
  /** How the pod gets the images of disks. */
  readonly imageMode: ImageMode;
  /** The namespaces whose networks instances of all namespaces may use. */
  readonly globalNetworks: readonly string[];
}
