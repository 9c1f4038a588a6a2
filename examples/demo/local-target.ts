import { Cluster } from "../../cluster/cluster.ts";
import { install } from "../../cluster/install.ts";
import { progress } from "../../cluster/progress.ts";
import { up } from "../../cluster/up.ts";
import { type DemoOptions, imageFlags, type Target } from "./target.ts";

const tiny = "localhost/tiny:latest";

/** Makes the target of a cluster on this machine. The demo starts it if it does not run, and leaves it running. */
export function localTarget({ name, image, imagePullPolicy }: DemoOptions): Target {
  const cluster = new Cluster(name);
  const flag = name === "virt" ? "" : ` --name ${name}`;
  const path = [cluster.binFolder, process.env.PATH].join(":");
  return {
    title: `cluster ${name} on this machine`,
    environment: { KUBECONFIG: cluster.kubeconfig, PATH: path },
    flags: [],
    // The local cluster's own guest image is on its nodes, and in no registry.
    image: image === undefined ? imageFlags(tiny, "IfNotPresent") : imageFlags(image, imagePullPolicy),
    use: [[`eval "$(npm run -s cluster -- env${flag})"`, "kubectl and kubectl virt use this cluster"]],
    end: [[`npm run cluster -- down${flag}`, "end the cluster; nothing of it is left"]],
    async prepare(stages) {
      process.stdout.write(
        "A Kubernetes with libvirt on this machine. What is built once is kept: the first time takes\n",
      );
      process.stdout.write("a quarter of an hour, later ones seconds.\n");
      const root = progress({ quietBelow: 1000 });
      await stages.run("Kubernetes, from its programs to Ready", () =>
        root.step(`cluster ${name}`, (step) => up(cluster, { nodes: 1 }, step)),
      );
      await stages.run("the add-on: images, manifests, ready", () =>
        root.step("add-on", (step) => install(cluster, step)),
      );
    },
  };
}
