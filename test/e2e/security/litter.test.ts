import { expect, test } from "vitest";
import { machinePath } from "../../../api/sub-resources.ts";
import { useAddOn } from "../add-on.ts";
import { cluster, useNamespace } from "../cluster.ts";

/* What KubeVirt's own client makes before it asks for what is not supported here. */

useAddOn();
const namespace = useNamespace("litter");

const create = (object: object): Promise<string> =>
  cluster.kubectl([`--namespace=${namespace.name}`, "create", "--filename=-"], { input: JSON.stringify(object) });

test("no Secret is made for a key that no guest would get, and all others are", async () => {
  const domain = { memory: { guest: "64Mi" } };
  await namespace.apply({
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name: "web" },
    spec: { runStrategy: "Halted", template: { spec: { domain } } },
  });
  const uid = await namespace.kubectl("get", "vm", "web", "--output=jsonpath={.metadata.uid}");
  const owner = { apiVersion: "kubevirt.io/v1", kind: "VirtualMachine", name: "web", uid, controller: true };
  const secret = (generateName: string, ownerReferences: object[]) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { generateName, ownerReferences },
    data: { "ssh-key-abcdef": Buffer.from("ssh-ed25519 AAAA").toString("base64") },
  });
  await expect(create(secret("web-ssh-key-", [owner]))).rejects.toThrow(
    /secrets "web-ssh-key-.*" is forbidden: .*accessCredentials: not supported/,
  );
  await create(secret("web-ssh-key-", []));
  await create(secret("web-ssh-key-", [{ ...owner, controller: false }]));
  await create(secret("web-cloud-init-", [owner]));
});

test("who asks for a dump is told what is left of the request", async () => {
  const path = machinePath({ namespace: namespace.name, name: "web" }, "start").replace(/start$/, "memorydump");
  const input = JSON.stringify({ claimName: "dump" });
  await expect(cluster.kubectl(["replace", `--raw=${path}`, "--filename=-"], { input })).rejects.toThrow(
    'virtualmachines/memorydump: not supported; PersistentVolumeClaim "dump" stays as it is, delete it if it was made for this',
  );
});
