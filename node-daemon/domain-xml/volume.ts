/** A format of disk images that guests may use. */
export type ImageFormat = "qcow2" | "raw";

/** An image file on the node. */
export interface ImageFile {
  readonly file: string;
  readonly format: ImageFormat;
  /** Whether it is a block device. */
  readonly block?: boolean;
}

/** The file behind a volume, and its backing file if it is an overlay. */
export interface DomainVolume extends ImageFile {
  readonly backing?: ImageFile | undefined;
  readonly readOnly?: boolean | undefined;
}
