import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { multusVersion } from "../../cluster/multus.ts";
import { versions } from "../../cluster/versions.ts";

test.for([
  ["kubernetes", "k8s.io/kubernetes", versions.kubernetes],
  ["kubernetes", "go.etcd.io/etcd/server/v3", versions.etcd],
  ["kubernetes", "github.com/containerd/containerd/v2", versions.containerd],
  ["kubernetes", "github.com/coredns/coredns", versions.coredns],
  ["local-path-provisioner", "github.com/rancher/local-path-provisioner", versions.localPathProvisioner],
  ["multus", "gopkg.in/k8snetworkplumbingwg/multus-cni.v4", multusVersion],
] as const)("go.mod of %s pins %s at the version that the cluster says it has", async ([folder, goModule, version]) => {
  const goMod = await readFile(new URL(`../../cluster/programs/${folder}/go.mod`, import.meta.url), "utf8");
  expect(goMod).toMatch(
    new RegExp(`^(require)?\\s+${goModule.replaceAll(".", "\\.")} v${version.replaceAll(".", "\\.")}\\b`, "m"),
  );
});
