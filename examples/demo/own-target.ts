import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { bundle } from "../../cli/bundle.ts";
import { type DemoOptions, imageFlags, type Target } from "./target.ts";

/** Makes the target of the user's own context. The demo installs nothing there; images and registry are the user's. */
export function ownTarget({ context = "", kubeconfig, image, imagePullPolicy }: DemoOptions): Target {
  if (image === undefined) throw new Error("--image: name a container disk that the cluster can pull");
  const environment = { PATH: [pluginFolder, process.env.PATH].join(":") };
  const flags = ["--context", context, ...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig])];
  return {
    title: `the cluster of context ${context}`,
    environment,
    image: imageFlags(image, imagePullPolicy),
    flags,
    use: [],
    end: [],
    async prepare() {
      await bundle(pluginFolder);
      // Discovery lists the aggregated API as soon as it is registered. Only an answer proves that it is served.
      const { failed, stderr } = await execa("kubectl", ["get", "--raw", healthz, ...flags], { reject: false });
      if (failed) {
        throw new Error(`--context ${context}: the add-on does not answer there (see README, Install): ${stderr}`);
      }
    },
  };
}

/** Where `npm run bundle` puts the plugin too. */
const pluginFolder = fileURLToPath(new URL("../../dist", import.meta.url));

const healthz = "/apis/subresources.kubevirt.io/v1/healthz";
