import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import { runStrategies } from "../../../api/status/virtual-machine-states.ts";
import { useSourcesOnly } from "../add-on.ts";
import { cluster, eventually, installDefinitions, useNamespace } from "../cluster.ts";
import { anInstance, report } from "./instances.ts";
import { usePlugin } from "./plugin.ts";

// The test plays the controller and the daemons.
useSourcesOnly();
const plugin = usePlugin();
const namespace = useNamespace("cli-objects");
const image = "localhost/tiny:latest";

beforeAll(async () => {
  await installDefinitions();
  plugin.flags = ["--kubeconfig", cluster.kubeconfig, "--namespace", namespace.name];
});

const virt = (line: string, input?: string) => plugin.run(line.split(" "), input);

describe("create", () => {
  test("makes a machine of its flags, and the same again is no error", async () => {
    const line = `create web --image ${image} --memory 64Mi --cpus 2 --run-strategy Halted -l app=shop`;
    expect(await virt(line)).toEqual({ code: 0, stdout: "virtualmachine.kubevirt.io/web created\n", stderr: "" });
    expect(await virt(line)).toEqual({ code: 0, stdout: "virtualmachine.kubevirt.io/web unchanged\n", stderr: "" });
    const { spec, metadata } = JSON.parse(await namespace.kubectl("get", "vm", "web", "-o", "json"));
    expect(metadata.labels).toEqual({ app: "shop" });
    expect(spec).toMatchObject({
      runStrategy: "Halted",
      template: {
        metadata: { labels: { app: "shop" } },
        spec: { domain: { cpu: { cores: 2 }, memory: { guest: "64Mi" } }, volumes: [{ containerDisk: { image } }] },
      },
    });
  });

  test("refuses a name that another machine has, and says in what it differs", async () => {
    await virt(`create twin --image ${image} --run-strategy Halted`);
    expect(await virt(`create twin --image ${image} --run-strategy Halted --cpus 4`)).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "It differs from the requested one: spec.template.spec.domain.cpu.cores is 1, not 4\n" +
        'Error from server (AlreadyExists): virtualmachines.kubevirt.io "twin" already exists\n',
    });
  });

  test("prints a manifest that creates the same machine, and asks no server for it", async () => {
    const draft = await plugin.run([
      "create",
      "draft",
      "--image",
      image,
      "--dry-run=client",
      "-o",
      "yaml",
      "-s",
      "no.where",
    ]);
    expect(draft).toMatchObject({ code: 0, stderr: "" });
    expect(await virt("create -f -", draft.stdout)).toMatchObject({ stdout: expect.stringContaining("created\n") });
    expect(await virt(`create draft --image ${image}`)).toMatchObject({
      stdout: expect.stringContaining("unchanged\n"),
    });
  });

  test("has a server check everything and store nothing", async () => {
    expect(await virt(`create ghost --image ${image} --dry-run=server -o name`)).toEqual({
      code: 0,
      stdout: "virtualmachine.kubevirt.io/ghost\n",
      stderr: "",
    });
    expect(await virt("get ghost")).toMatchObject({ code: 1 });
  });

  test("names each field that is wrong, and each that is not known", async () => {
    const file = join(plugin.folder, "typo.yaml");
    await writeFile(
      file,
      `apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: typo}
spec:
  runStrategy: Halted
  template: {spec: {domain: {cpu: {coers: 2}, memory: {guest: 1Gi}, devices: {gpus: [{name: a, deviceName: b}]}}}}
`,
    );
    expect(await virt(`create -f ${file}`)).toEqual({
      code: 1,
      stdout: "",
      stderr:
        'error: the VirtualMachine "typo" is invalid:\n' +
        "* spec.template.spec.domain.devices.gpus: not supported\n" +
        "* spec.template.spec.domain.cpu.coers: 2: unknown field\n",
    });
  });

  test("adds public keys to cloud-init's data, and never takes a private one", async () => {
    const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJejjarxVQa2aa5oukr2cUvCBnRCQxUEr85w me";
    const [publicKey, privateKey] = [join(plugin.folder, "key.pub"), join(plugin.folder, "key")];
    await writeFile(publicKey, `${key}\n`);
    await writeFile(privateKey, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
    const line = `create keyed --image ${image} --dry-run=client -o json --cloud-init - --ssh-key`;
    const { stdout } = await virt(`${line} ${publicKey}`, "#cloud-config\n# mine\nhostname: keyed\n");
    const [, volume] = JSON.parse(stdout).spec.template.spec.volumes;
    expect(volume.cloudInitNoCloud.userData).toBe(
      `#cloud-config\n# mine\nhostname: keyed\nssh_authorized_keys:\n  - ${key}\n`,
    );
    expect(await virt(`${line} ${privateKey}`)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/it is a private key; give the public one/),
    });
  });

  test.for([
    ["create a --image b --memory 12XB", 'invalid argument "12XB" for "--memory" flag: it must be a quantity such as'],
    ["create a --image b --cpus 0", 'invalid argument "0" for "--cpus" flag: it must be a whole number of at least 1'],
    ["create a --image b --run-strategy Sometimes", 'invalid argument "Sometimes" for "--run-strategy" flag: allowed'],
    ["create a --image b --memry 1Gi", "unknown flag: --memry\n(Did you mean --memory?)\n"],
    ["create a", 'required flag "image" not set'],
    ["create A_b --image b", 'invalid name "A_b"'],
    ["crate a", 'unknown command "crate" for "kubectl virt"\n(Did you mean create?)'],
    [
      "get -o wde",
      'unable to match a printer suitable for the output format "wde", allowed formats are: json,name,wide,yaml',
    ],
    ["start vmi/a", "cannot start vmi/a: only a virtual machine can be; did you mean vm/a?"],
    ["delete", "which virtual machine? Give a NAME, --filename, --selector or --all"],
  ] as const)("%s: %s", async ([line, message]) => {
    const { code, stdout, stderr } = await virt(line);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(`error: ${message}`);
  });
});

describe("completion of a shell", () => {
  /** What is offered for the last of the words, and what the shell is to do beside it. */
  async function offered(...words: readonly string[]): Promise<string[]> {
    const program = join(dirname(plugin.program), "kubectl_complete-virt");
    const { stdout } = await execa("node", [program, ...words], { env: { KUBECONFIG: cluster.kubeconfig } });
    return stdout.split("\n");
  }

  test("offers commands, flags, their values and the machines of a namespace", async () => {
    const where = ["--namespace", namespace.name];
    await virt(`create offered --image ${image} --run-strategy Halted`);
    expect(await offered("st")).toEqual(["start\tstart virtual machines", "stop\tshut virtual machines down", ":4"]);
    // Nobody waits long at a prompt: an API server that is slow to answer is asked no further.
    await eventually(async () => expect(await offered(...where, "console", "off")).toEqual(["offered", ":4"]));
    const machines = ["get", `--namespace=${namespace.name}`, "vm", "off"];
    await eventually(async () => expect(await offered(...machines)).toEqual(["offered", ":4"]));
    expect(await offered("start", ...where, "offered", "off")).toEqual([":4"]);
    expect(await offered("create", "--run-strategy", "")).toEqual([...runStrategies, ":4"]);
    expect(await offered("create", "--run")).toEqual(["--run-strategy\twhen the machine runs", ":4"]);
    await eventually(async () => expect(await offered("get", "-n", namespace.name)).toEqual([namespace.name, ":4"]));
    expect(await offered("create", "-f", "")).toEqual([":0"]);
    expect(await offered("create", "")).toEqual([":4"]);
  });

  test("offers nothing where nothing can be asked", async () => {
    expect(await offered("--kubeconfig", "/nonexistent", "console", "")).toEqual([":4"]);
  });
});

describe("get, describe and delete", () => {
  test("tables are those of kubectl", async () => {
    await virt(`create one --image ${image} --run-strategy Halted -l app=tables`);
    await virt(`create two --image ${image} --run-strategy Halted -l app=tables`);
    const { stdout, code } = await virt("get -l app=tables");
    const ages = (text: string): string =>
      text
        .replaceAll(/\b\d+m?s\b/g, "AGE")
        .replaceAll(/ +/g, " ")
        .replaceAll(/ $/gm, "")
        .trimEnd();
    expect([code, ages(stdout)]).toEqual([0, ages(await namespace.kubectl("get", "vm", "-l", "app=tables"))]);
    expect(await virt("get vm -l app=tables -o name")).toMatchObject({
      stdout: "virtualmachine.kubevirt.io/one\nvirtualmachine.kubevirt.io/two\n",
    });
    expect(await virt("get one nope")).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^NAME.*\none .*\n$/),
      stderr: 'Error from server (NotFound): virtualmachines.kubevirt.io "nope" not found\n',
    });
    const { items } = JSON.parse((await virt("get -l app=tables -o json")).stdout);
    expect(items).toHaveLength(2);
  });

  test("describe tells of the machine, its run and its events", async () => {
    await namespace.apply(anInstance("told"));
    await virt(`create told --image ${image} --cpus 2`);
    await report(namespace, "told", {
      phase: "Running",
      nodeName: "node-2",
      conditions: [{ type: "Ready", status: "False", reason: "GuestNotRunning", message: "the guest is paused" }],
    });
    const { stdout } = await virt("describe told");
    for (const text of [
      /^Name: +told$/m,
      /^Run Strategy: +Always$/m,
      /^Node: +node-2$/m,
      /VMI +Ready +False .*GuestNotRunning +the guest is paused/,
    ]) {
      expect(stdout).toMatch(text);
    }
    // The machine with its run, and the run by itself.
    const both = await virt("describe vm,vmi");
    expect(both.stdout.match(/^Name: +told$/gm)).toHaveLength(2);
  });

  test("delete waits until the machine is gone", async () => {
    await virt(`create gone --image ${image} --run-strategy Halted`);
    await namespace.kubectl("patch", "vm", "gone", "--type=merge", "-p", '{"metadata":{"finalizers":["test/holds"]}}');
    const deleting = virt("delete gone");
    await eventually(async () => {
      const { metadata } = JSON.parse(await namespace.kubectl("get", "vm", "gone", "-o", "json"));
      expect(metadata.deletionTimestamp).toBeDefined();
    });
    await namespace.kubectl("patch", "vm", "gone", "--type=merge", "-p", '{"metadata":{"finalizers":null}}');
    expect(await deleting).toEqual({
      code: 0,
      stdout: `virtualmachine.kubevirt.io "gone" deleted from ${namespace.name} namespace\n`,
      stderr: "",
    });
    expect(await virt("delete gone --ignore-not-found")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await virt("delete gone")).toMatchObject({ code: 1 });
  });
});
