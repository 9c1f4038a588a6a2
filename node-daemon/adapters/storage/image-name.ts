import type { ImageFormat } from "../../domain-xml/volume.ts";

/** What the name of an image's file says. */
export interface NamedImage {
  readonly volume: string;
  readonly format: ImageFormat;
  /** What is shown there; undefined for an image of its own. */
  readonly shown: "base" | "claim" | undefined;
}

/** What the name of a file among a machine's disks says; undefined for one that is no complete image. */
export function imageOf(name: string): NamedImage | undefined {
  const [, volume, kind, format] = /^([^.]+)(?:\.(base|claim))?\.(qcow2|raw)$/.exec(name) ?? [];
  if (!volume || (format !== "qcow2" && format !== "raw")) return undefined;
  return { volume, format, shown: kind === "base" || kind === "claim" ? kind : undefined };
}
