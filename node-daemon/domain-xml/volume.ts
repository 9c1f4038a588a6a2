/** A format of disk images that guests may have. */
export type ImageFormat = "qcow2" | "raw";

/** An image file on the node. */
export interface ImageFile {
  readonly file: string;
  readonly format: ImageFormat;
  /** Whether it is a block device. */
  readonly block?: boolean;
}

/** The file behind a volume, and what it is an overlay of. */
export interface DomainVolume extends ImageFile {
  readonly backing?: ImageFile | undefined;
  readonly readOnly?: boolean | undefined;
}
