import { expect, test } from "vitest";
import { cluster, eventually } from "../cluster.ts";
import { useEnvironment } from "./environment.ts";

const environment = useEnvironment();

test("kubectl's discovery stays whole, and its short names lead to the kinds", async () => {
  const resources = await eventually(() => cluster.kubectl(["api-resources", "--no-headers"]));
  expect(resources).toMatch(/^virtualmachines +vm,vms +kubevirt\.io\/v1 +true +VirtualMachine$/m);
  for (const name of [
    "vm",
    "vms",
    "vmi",
    "vmis",
    "virtualmachine",
    "virtualmachineinstance",
    "VirtualMachine",
    "all",
  ]) {
    await cluster.kubectl(["get", name, "--namespace=default"]);
  }
});

test("both versions are served, and the OpenAPI documents of the cluster hold their paths", async () => {
  for (const version of ["v1", "v1alpha3"]) {
    const prefix = `/apis/subresources.kubevirt.io/${version}`;
    const list = JSON.parse(await cluster.kubectl(["get", `--raw=${prefix}`]));
    expect(list).toMatchObject({ kind: "APIResourceList", groupVersion: `subresources.kubevirt.io/${version}` });
    expect(JSON.parse(await cluster.kubectl(["get", `--raw=${prefix}/version`]))).toMatchObject({
      gitVersion: expect.stringMatching(/^v\d+\.\d+\.\d+$/) as string,
    });
    // The aggregator fetches it when it gets to it: in a minute, if the service did not answer at first.
    const openApi = await eventually(
      async () => JSON.parse(await cluster.kubectl(["get", `--raw=/openapi/v3${prefix}`])),
      150_000,
    );
    expect(Object.keys(openApi.paths)).toContain(
      `${prefix}/namespaces/{namespace}/virtualmachineinstances/{name}/console`,
    );
  }
  await eventually(async () => {
    const merged = JSON.parse(await cluster.kubectl(["get", "--raw=/openapi/v2"]));
    expect(Object.keys(merged.paths)).toContain("/apis/subresources.kubevirt.io/v1/version");
  }, 150_000);
});

test("the health, the image of guestfs and the group are shown", async () => {
  const health = await cluster.kubectl(["get", "--raw=/apis/subresources.kubevirt.io/v1/healthz"]);
  expect(JSON.parse(health)).toEqual({
    status: "ok",
    apiserver: { connectivity: "ok", version: expect.objectContaining({ major: "1" }) as object },
    "config-resource-version": "1234",
  });
  const image = JSON.parse(await cluster.kubectl(["get", "--raw=/apis/subresources.kubevirt.io/v1/guestfs"]));
  expect(image).toEqual({
    registry: "registry.test:5000/virt",
    tag: "v1.9",
    imagePrefix: "",
    digest: "",
    gsImage: "registry.test:5000/virt/libguestfs-tools:v1.9",
  });
  const group = JSON.parse((await environment.client.raw("GET", "/apis/subresources.kubevirt.io")).body.toString());
  expect(group).toMatchObject({
    preferredVersion: { version: "v1" },
    versions: [{ version: "v1" }, { version: "v1alpha3" }],
  });
});
