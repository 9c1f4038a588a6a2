import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { status } from "../../e2e/cli/fake-api.ts";
import type { Run } from "../../e2e/cli/plugin.ts";
import { useCommandLine } from "../command-line.ts";

const virt = useCommandLine();
const created = "virtualmachine.kubevirt.io/web created\n";

/** A machine as a template of Helm's renders it, with values that nobody has given. */
const rendered = `apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: web
  namespace:
  labels:
spec:
  running: null
  runStrategy: Halted
  template:
    metadata:
      annotations:
    spec:
      nodeSelector:
      tolerations: null
      domain:
        clock: {utc: {}, timer: null}
        resources:
          requests: {memory: 64Mi}
          limits: {memory: null}
        devices:
          disks:
            - name: root
              bootOrder:
              disk: {bus: virtio}
      volumes:
        - name: root
          containerDisk: {image: debian, imagePullPolicy: null}
`;

async function create(text: string, ...flags: readonly string[]): Promise<Run> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "manifest-"));
  const file = join(folder.path, "web.yaml");
  await writeFile(file, text);
  return await virt.run("create", "-f", file, ...flags);
}

/** Has the API take or refuse what is posted to it. */
function answers(code: number, reason = "", message = ""): void {
  virt.api.others = (path, answer) => {
    if (!path.startsWith("POST ")) return false;
    const body = code < 400 ? JSON.stringify({ kind: "VirtualMachine", metadata: { name: "web" } }) : "";
    answer.writeHead(code, { "content-type": "application/json" });
    answer.end(body || status(code, reason, message, "web").body);
    return true;
  };
}

test("fields that a template left empty are no fault", async () => {
  answers(201);
  expect(await create(rendered)).toEqual({ code: 0, stdout: created, stderr: "" });
  expect(await create(rendered, "--dry-run=client")).toMatchObject({ code: 0, stderr: "" });
});

test("a machine that is there already is the same as one with empty fields", async () => {
  const { apiVersion, spec } = JSON.parse((await create(rendered, "--dry-run=client", "-o", "json")).stdout);
  delete spec.running;
  delete spec.template.spec.nodeSelector;
  virt.api.machine = { apiVersion, kind: "VirtualMachine", metadata: { name: "web", labels: { app: "web" } }, spec };
  answers(409, "AlreadyExists", "it is there");
  expect(await create(rendered)).toEqual({
    code: 0,
    stdout: "virtualmachine.kubevirt.io/web unchanged\n",
    stderr: "",
  });
});

test("what a newer server takes, we do not refuse", async () => {
  answers(201);
  const newer = rendered.replace("runStrategy: Halted", "runStrategy: Halted\n  newField: 1");
  expect(await create(newer)).toEqual({ code: 0, stdout: created, stderr: "" });
});

test("what the server refuses is named, all of it where we know it", async () => {
  answers(400, "BadRequest", 'strict decoding error: unknown field "spec.a"');
  expect(await create(rendered.replace("running: null", "a: null\n  b: 1"))).toMatchObject({
    code: 1,
    stderr: 'error: the VirtualMachine "web" is invalid:\n* spec.a: unknown field\n* spec.b: 1: unknown field\n',
  });
  expect(await create(rendered)).toMatchObject({
    code: 1,
    stderr: 'Error from server (BadRequest): strict decoding error: unknown field "spec.a"\n',
  });
});

test("a list of machines is those machines, whoever says what they are", async () => {
  answers(201);
  const list = 'apiVersion: kubevirt.io/v1\nkind: VirtualMachineList\nitems: [{metadata: {name: "web"}, spec: {}}]\n';
  expect(await create(list)).toEqual({ code: 0, stdout: created, stderr: "" });
});
