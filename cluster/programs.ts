import { mkdir, rename, symlink } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { cached } from "./cache.ts";
import { contentDigest } from "./images/recipe.ts";
import type { Step } from "./progress.ts";
import { versions } from "./versions.ts";

const modulesFolder = fileURLToPath(new URL("programs", import.meta.url));

interface GoModule {
  name: string;
  /** Linker flags that stamp the programs with their version, as the projects' own builds do. */
  ldflags: string;
  /** Programs whose package is not called what everybody calls them. */
  renamed?: Readonly<Record<string, string>>;
}

const [major, minor] = versions.kubernetes.split(".");
const componentVersion = "k8s.io/component-base/version";

const goModules: readonly GoModule[] = [
  {
    name: "kubernetes",
    ldflags: [
      `-X ${componentVersion}.gitVersion=v${versions.kubernetes}`,
      `-X ${componentVersion}.gitMajor=${major} -X ${componentVersion}.gitMinor=${minor}`,
      `-X k8s.io/client-go/pkg/version.gitVersion=v${versions.kubernetes}`,
      `-X github.com/containerd/containerd/v2/version.Version=v${versions.containerd}`,
    ].join(" "),
    renamed: { server: "etcd" },
  },
  {
    name: "local-path-provisioner",
    ldflags: `-X main.VERSION=v${versions.localPathProvisioner}`,
  },
];

/** The files that decide what the programs are. */
export const programsInputs: readonly string[] = [
  import.meta.filename,
  fileURLToPath(new URL("versions.ts", import.meta.url)),
  ...goModules.flatMap(({ name }) => [join(modulesFolder, name, "go.mod"), join(modulesFolder, name, "go.sum")]),
];

/**
 * The folder with Kubernetes' programs, etcd, containerd, CoreDNS and the storage provisioner, statically linked,
 * built from their Go modules the first time. `client/` below it holds what a user's PATH should have.
 */
export async function programs(step: Step): Promise<string> {
  return cached(step, "programs", await contentDigest(programsInputs), async (folder, building) => {
    for (const goModule of goModules) await build(goModule, folder, building);
    await mkdir(join(folder, "client"));
    await symlink("../kubectl", join(folder, "client", "kubectl"));
  });
}

async function build({ name, ldflags, renamed = {} }: GoModule, into: string, step: Step): Promise<void> {
  const go = {
    cwd: join(modulesFolder, name),
    env: { CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off" },
  };
  step.update(`${name}: downloading Go modules`);
  const { stdout: packages } = await execa("go", ["list", "-deps", "tool"], go);
  const total = packages.split("\n").length;
  // One build for all programs of a module: they share most of their packages.
  const building = execa("go", ["build", "-v", "-trimpath", "-ldflags", `-s -w ${ldflags}`, "-o", into, "tool"], {
    ...go,
    buffer: { stderr: false },
  });
  const tail: string[] = [];
  let done = 0;
  for await (const line of createInterface({ input: building.stderr })) {
    done += 1;
    step.update(`${name}: ${done} of at most ${total} packages, ${line}`);
    if (tail.push(line) > 20) tail.shift();
  }
  try {
    await building;
  } catch (cause) {
    throw new Error(`building ${name} from its Go modules:\n${tail.join("\n")}`, { cause });
  }
  for (const [from, to] of Object.entries(renamed)) await rename(join(into, from), join(into, to));
}
