import { choice, objectName, pattern } from "./field.ts";

/** The fields of a part that comes from a container image; the kubelet pulls it like a pod's image. */
export const image = (description: string) => ({
  image: pattern(/\S/, 1024, description),
  imagePullSecret: objectName("The Secret to pull it with.").optional(),
  imagePullPolicy: choice(
    ["Always", "IfNotPresent", "Never"],
    "When the node pulls the image; as for pods when absent.",
  ).optional(),
});

/** The absolute path of a file in an image: no segment is `.` or `..`. */
export const pathInImage = (description: string) =>
  pattern(/^(\/([^/.][^/]*|\.[^/.][^/]*|\.\.[^/]+))+$/, 4096, description);
