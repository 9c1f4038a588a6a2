import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { useSourcesOnly } from "../add-on.ts";
import { cluster, eventually, installDefinitions, useNamespace } from "../cluster.ts";
import { kubectl } from "../kube/kubectl.ts";
import { usePlugin } from "./plugin.ts";

// Nothing runs: the machines are there to be listed.
useSourcesOnly();
const plugin = usePlugin();
const namespace = useNamespace("cli-flags");

const machine = {
  apiVersion: "kubevirt.io/v1",
  kind: "VirtualMachine",
  metadata: { name: "web", labels: { app: "shop" } },
  spec: { runStrategy: "Halted", template: { spec: { domain: { memory: { guest: "64Mi" }, devices: {} } } } },
};

beforeAll(async () => {
  await installDefinitions();
  // Two have the names of values, which kubectl's optional values never are without "=".
  const others = ["db", "client", "orphan"].map((name) => ({ ...machine, metadata: { name } }));
  await eventually(() => namespace.apply(machine, ...others));
  await writeFile(join(plugin.folder, "web.json"), JSON.stringify(machine));
  await writeFile(join(plugin.folder, "db.json"), JSON.stringify({ ...machine, metadata: { name: "db" } }));
});

/** Command lines that kubectl takes and we do; `NS` is the namespace, and `FOLDER` where the manifests are. */
const lines: readonly string[] = [
  "get vm -n=NS",
  "get vm -nNS",
  "get vm -n NS",
  "get vm --namespace=NS",
  "get vm --namespace NS",
  "get vm -n=NS -w=false",
  "get vm -n=NS -w -w=0",
  "get vm -n=NS --watch=F",
  "get vm -n=NS --watch=FALSE",
  "get vm -n=NS -w=no",
  "get vm -n=NS --watch=",
  "get vm -n=NS -w=",
  "get vm -n=NS -o=name",
  "get vm -n=NS -oname",
  "get vm -n=NS -o name",
  "get vm -n=NS --no-headers",
  "get vm -n=NS --no-headers=true",
  "get vm -n=NS --no-headers=false",
  "get vm -n=NS --no-headers=T",
  "get vm -n=NS --no_headers",
  "get vm -n=NS -l app=shop",
  "get vm -n=NS -lapp=shop",
  "get vm -n=NS -l=app=shop",
  "get vm -n=NS --selector=app=shop",
  "get vm -n=NS --selector=",
  "get vm -n=NS --field_selector=metadata.name=web",
  "get vm -Al app=shop -o name --all-namespaces=false -nNS",
  "get vm -n=NS -Aoname --all_namespaces=0",
  "get -n=NS -o name vm web db",
  "get vm -n=NS -- web",
  "get vm -n=NS -- -o name",
  "get -o=name -n=NS -- vm web",
  "--output=name get vm -n=NS",
  "-n=NS get vm -oname",
  "get vm -n=NS -",
  "get vm -n=NS -Ax",
  "get vm -n=NS ---watch",
  "get vm -n=NS --=x",
  "get vm -n=NS --nothing",
  "get vm -n",
  "get vm --namespace",
  "get vm -An",
  "get vm web -n=NS --ignore-not-found=false",
  "get vm none -n=NS --ignore-not-found",
  "get vm none -n=NS --ignore-not-found=0",
  "get vm -n=NS --help=false -o name",
  "delete vm web -n=NS --dry-run=client -o name",
  "delete vm web -n=NS --dry-run -oname",
  "delete --dry-run vm web -n=NS --output=name",
  "delete vm --dry-run client web -n=NS -o=name",
  "delete vm --cascade orphan web -n=NS --dry-run=client -o=name",
  "delete vm web --cascade -n=NS --dry-run=server -o=name --wait=false",
  "delete vm web --cascade=orphan -n=NS --dry-run=client -o=name --ignore-not-found=t",
  "delete -f FOLDER/web.json,FOLDER/db.json -n=NS --dry-run=client -o name",
  "delete -f=FOLDER/web.json -fFOLDER/db.json -n=NS --dry-run=client -o name",
  "delete -f - -n=NS --dry-run=client -o name",
  "delete -f- -n=NS --dry-run=client -o name",
  "delete -f=- -n=NS --dry-run=client -o name",
  "delete --filename=- -n=NS --dry-run=client -o name",
  "create -f - -n=NS --dry-run=server -o name",
];

/** What was printed, without ages, which go on, and the room that they take. */
const lasting = (printed: string): string =>
  printed
    .replaceAll(/\b(\d+[smh])+\b/g, "AGE")
    .replaceAll(/ +/g, " ")
    // kubectl pads cells that are empty, too.
    .replaceAll(/ $/gm, "")
    .trim();

test.for(lines)("%s is to us what it is to kubectl", async (line) => {
  const words = line.replaceAll("NS", namespace.name).replaceAll("FOLDER", plugin.folder).split(" ");
  const config = `--kubeconfig=${cluster.kubeconfig}`;
  const input = JSON.stringify({ ...machine, metadata: { name: line.startsWith("create") ? "new" : "web" } });
  const theirs = await kubectl([config, ...words], { input });
  const ours = await plugin.run([config, ...words], input);
  expect({ code: ours.code, printed: lasting(ours.stdout) }, `${theirs.stderr}\n${ours.stderr}`).toEqual({
    code: theirs.code,
    printed: lasting(theirs.stdout),
  });
});
