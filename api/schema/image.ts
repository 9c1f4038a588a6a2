import { choice, objectName, pattern, text } from "./field.ts";

/** The fields of something that is in a container image: the kubelet pulls it as those of pods. */
export const image = (description: string) => ({
  image: text(description, 1024),
  imagePullSecret: objectName("The Secret to pull it with.").optional(),
  imagePullPolicy: choice(
    ["Always", "IfNotPresent", "Never"],
    "When the node pulls the image; as for pods when absent.",
  ).optional(),
});

/** The absolute path of a file in an image: no part of it is `.` or `..`. */
export const pathInImage = (description: string) =>
  pattern(/^(\/([^/.][^/]*|\.[^/.][^/]*|\.\.[^/]+))+$/, 4096, description);
