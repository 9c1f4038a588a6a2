import { type GuestName, guest, guestInputs } from "./guest/guests.ts";
import type { ImageRecipe } from "./recipe.ts";

/** The user that runs QEMU in KubeVirt's images; who makes a container disk gives the disk to that user. */
const qemu = 107;

/** A container disk: an image that holds one guest's disk and nothing else. */
export const containerDisk = (name: GuestName): ImageRecipe => ({
  inputs: [import.meta.filename, ...guestInputs(name)],
  async build(step) {
    const { disk } = await guest(step, name);
    return {
      name: `localhost/${name}:latest`,
      layers: [[{ path: "/disk/disk.qcow2", file: disk, mode: 0o440, uid: qemu, gid: qemu }]],
    };
  },
});
