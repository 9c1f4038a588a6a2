import type { ImageFormat } from "../../domain-xml/volume.ts";

/** The parts of an image file's name. */
export interface NamedImage {
  readonly volume: string;
  readonly format: ImageFormat;
  /** The kind of file shown there; undefined for an image of its own. */
  readonly shown: "base" | "claim" | undefined;
}

/** Parses the name of a file among a machine's disks; undefined when the file is no complete image. */
export function imageOf(name: string): NamedImage | undefined {
  const [, volume, kind, format] = /^([^.]+)(?:\.(base|claim))?\.(qcow2|raw)$/.exec(name) ?? [];
  if (!volume || (format !== "qcow2" && format !== "raw")) return undefined;
  return { volume, format, shown: kind === "base" || kind === "claim" ? kind : undefined };
}
