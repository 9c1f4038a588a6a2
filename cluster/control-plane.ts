import { once } from "node:events";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import type { BundleSpec } from "./bundle.ts";
import type { Cluster } from "./cluster.ts";
import { type Component, lessCollecting, start, succeeds } from "./component.ts";
import { addresses, apiServerPort, makeBridge } from "./fabric.ts";
import { kubeconfig } from "./kubeconfig.ts";
import type { Step } from "./progress.ts";

/** The paths of the Go programs and the certificates in a bundle. */
export const bundlePaths = { programs: "/opt/kubernetes/bin", pki: "/etc/kubernetes/pki" } as const;

const program = (name: string): string => `${bundlePaths.programs}/${name}`;
const pki = (file: string): string => `${bundlePaths.pki}/${file}`;
const configFile = (name: string): string => `/etc/kubernetes/${name}.kubeconfig`;

export interface ControlPlaneOptions {
  /** Whether the API server keeps a log of all writes. */
  audit?: boolean;
}

/** Starts the control plane's machine, with the nodes' bridge. */
export async function startControlPlaneMachine(cluster: Cluster, spec: BundleSpec): Promise<void> {
  await makeCertificates(cluster);
  await cluster.controlPlane.start({ ...spec, binds: { ...spec.binds, [bundlePaths.pki]: cluster.pki.folder } });
  await makeBridge(cluster.controlPlane);
}

/** Starts the control plane's missing components, and writes the administrator's kubeconfig. */
export async function startControlPlane(
  cluster: Cluster,
  programs: string,
  step: Step,
  { audit = false }: ControlPlaneOptions = {},
): Promise<void> {
  const bundle = cluster.controlPlane;
  const port = await apiPort(cluster);
  await writeKubeconfigs(cluster, port);
  await writeFile((await bundle.rootFolder()) + proxyConfigFile, proxyConfig);
  await writeFile((await bundle.rootFolder()) + auditPolicyFile, JSON.stringify(auditPolicy));
  await mkdir(cluster.binFolder, { recursive: true });
  await rm(join(cluster.binFolder, "kubectl"), { force: true });
  await symlink(join(programs, "client", "kubectl"), join(cluster.binFolder, "kubectl"));

  const [etcd, apiServer, ...others] = controlPlaneComponents(cluster, port, { audit });
  if (etcd) await step.step("etcd", () => start(bundle, etcd));
  if (apiServer) await step.step("kube-apiserver", () => start(bundle, apiServer));
  await Promise.all(others.map((component) => step.step(component.name, () => start(bundle, component))));
}

/** The control plane's components, in the order of their dependencies. */
export function controlPlaneComponents(
  cluster: Cluster,
  port: number,
  { audit = false }: ControlPlaneOptions = {},
): Component[] {
  const controller = (name: string, securePort: number, args: readonly string[]): Component => ({
    name,
    program: program(name),
    env: lessCollecting,
    args: [
      `--kubeconfig=${configFile(name)}`,
      `--authentication-kubeconfig=${configFile(name)}`,
      `--authorization-kubeconfig=${configFile(name)}`,
      "--bind-address=127.0.0.1",
      // There is only one instance: without a lease, it writes nothing when idle.
      "--leader-elect=false",
      // With the default of 20 requests a second, the controllers take 5 s longer to start.
      "--kube-api-qps=500",
      "--kube-api-burst=1000",
      ...args,
    ],
    ready: (bundle) =>
      succeeds(bundle, ["curl", "--silent", "--fail", "--insecure", `https://127.0.0.1:${securePort}/healthz`]),
  });
  return [
    {
      name: "etcd",
      program: program("etcd"),
      env: lessCollecting,
      args: [
        "--data-dir=/var/lib/etcd/data",
        "--listen-client-urls=http://127.0.0.1:2379",
        "--advertise-client-urls=http://127.0.0.1:2379",
        "--listen-peer-urls=http://127.0.0.1:2380",
        // The cluster is disposable: it need not survive a power failure of the machine.
        "--unsafe-no-fsync",
        // Thousands of objects of a megabyte need more than the default limit of 2 GiB.
        `--quota-backend-bytes=${8 * 1024 ** 3}`,
        "--log-level=warn",
      ],
      ready: (bundle) => succeeds(bundle, ["curl", "--silent", "--fail", "http://127.0.0.1:2379/readyz"]),
    },
    {
      name: "kube-apiserver",
      program: program("kube-apiserver"),
      env: lessCollecting,
      args: audit ? [...apiServerArgs, ...auditArgs] : apiServerArgs,
      ready: (bundle) =>
        succeeds(bundle, ["curl", "--silent", "--fail", "--insecure", `https://127.0.0.1:${apiServerPort}/readyz`]),
      timeout: 120_000,
    },
    {
      name: "api-proxy",
      program: "/usr/sbin/haproxy",
      // Listens on the machine's loopback and forwards into the control plane's network namespace. (systemd's own
      // systemd-socket-proxyd would work too, but adds 40 ms to a request, because it does not set TCP_NODELAY.)
      launcher: ["/usr/bin/systemd-socket-activate", `--listen=127.0.0.1:${port}`, "nsenter", "--net=/proc/1/ns/net"],
      args: ["-db", "-f", proxyConfigFile],
      machineNetwork: true,
      ready: async () =>
        cluster.kubectl(["get", "--raw=/readyz"]).then(
          () => true,
          () => false,
        ),
    },
    controller("kube-controller-manager", 10257, [
      "--use-service-account-credentials=true",
      `--root-ca-file=${pki("ca.crt")}`,
      `--service-account-private-key-file=${pki("service-account.key")}`,
      `--cluster-signing-cert-file=${pki("ca.crt")}`,
      `--cluster-signing-key-file=${pki("ca.key")}`,
    ]),
    controller("kube-scheduler", 10259, []),
  ];
}

const auditPolicyFile = "/etc/kubernetes/audit-policy.json";
const auditLogFile = "/var/log/audit.log";

/** Logs all writes, without the objects' contents. */
const auditPolicy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived", "ResponseStarted"],
  rules: [{ level: "Metadata", verbs: ["create", "update", "patch", "delete", "deletecollection"] }, { level: "None" }],
};

const auditArgs = [`--audit-policy-file=${auditPolicyFile}`, `--audit-log-path=${auditLogFile}`];

/** The log of all writes, one JSON object per line, of a control plane that was started with `audit`. */
export async function auditLog(cluster: Cluster): Promise<string> {
  return (await cluster.controlPlane.rootFolder()) + auditLogFile;
}

const proxyConfigFile = "/etc/haproxy/api-proxy.cfg";

/** The proxy inherits the listening socket as file descriptor 3 (sd_listen_fds(3)). */
const proxyConfig = `global
  nbthread 1
defaults
  mode tcp
  maxconn 1000
  timeout connect 5s
  timeout client 24h
  timeout server 24h
listen api
  bind fd@3
  server kube-apiserver ${addresses.controlPlane}:${apiServerPort}
`;

const apiServerArgs: readonly string[] = [
  `--advertise-address=${addresses.controlPlane}`,
  `--secure-port=${apiServerPort}`,
  "--etcd-servers=http://127.0.0.1:2379",
  `--service-cluster-ip-range=${addresses.services}`,
  `--client-ca-file=${pki("ca.crt")}`,
  `--tls-cert-file=${pki("kube-apiserver.crt")}`,
  `--tls-private-key-file=${pki("kube-apiserver.key")}`,
  "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
  `--service-account-key-file=${pki("service-account.crt")}`,
  `--service-account-signing-key-file=${pki("service-account.key")}`,
  "--authorization-mode=Node,RBAC",
  "--enable-admission-plugins=NodeRestriction",
  "--allow-privileged=true",
  `--kubelet-client-certificate=${pki("kube-apiserver-kubelet-client.crt")}`,
  `--kubelet-client-key=${pki("kube-apiserver-kubelet-client.key")}`,
  `--kubelet-certificate-authority=${pki("ca.crt")}`,
  "--kubelet-preferred-address-types=InternalIP",
  // The aggregation layer: the API server passes the user on, and proves itself with a certificate of a separate CA.
  `--requestheader-client-ca-file=${pki("front-proxy-ca.crt")}`,
  "--requestheader-allowed-names=front-proxy-client",
  "--requestheader-username-headers=X-Remote-User",
  "--requestheader-group-headers=X-Remote-Group",
  "--requestheader-extra-headers-prefix=X-Remote-Extra-",
  `--proxy-client-cert-file=${pki("front-proxy-client.crt")}`,
  `--proxy-client-key-file=${pki("front-proxy-client.key")}`,
  "--enable-aggregator-routing=true",
];

async function makeCertificates({ pki: store }: Cluster): Promise<void> {
  await Promise.all([store.authority("ca"), store.authority("front-proxy-ca"), store.tokenSigner("service-account")]);
  await Promise.all([
    store.issue("kube-apiserver", "ca", {
      commonName: "kube-apiserver",
      names: [
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
        "localhost",
        "127.0.0.1",
        addresses.controlPlane,
        addresses.kubernetesService,
      ],
    }),
    store.issue("kube-apiserver-kubelet-client", "ca", {
      commonName: "kube-apiserver",
      organization: "system:masters",
    }),
    store.issue("front-proxy-client", "front-proxy-ca", { commonName: "front-proxy-client" }),
    store.issue("admin", "ca", { commonName: "admin", organization: "system:masters" }),
    store.issue("kube-controller-manager", "ca", { commonName: "system:kube-controller-manager" }),
    store.issue("kube-scheduler", "ca", { commonName: "system:kube-scheduler" }),
  ]);
}

async function writeKubeconfigs(cluster: Cluster, port: number): Promise<void> {
  const ca = await cluster.pki.authority("ca");
  const admin = await cluster.pki.issue("admin", "ca", { commonName: "admin", organization: "system:masters" });
  await writeFile(cluster.kubeconfig, kubeconfig(cluster.name, `https://127.0.0.1:${port}`, ca, admin), {
    mode: 0o600,
  });
  const root = await cluster.controlPlane.rootFolder();
  for (const name of ["kube-controller-manager", "kube-scheduler"]) {
    const user = await cluster.pki.issue(name, "ca", { commonName: `system:${name}` });
    await writeFile(root + configFile(name), kubeconfig(name, `https://127.0.0.1:${apiServerPort}`, ca, user));
  }
}

/** The port on the machine's loopback that leads to the API server: chosen once, stored in the cluster's folder. */
async function apiPort(cluster: Cluster): Promise<number> {
  const file = join(cluster.folder, "api-port");
  const kept = await readFile(file, "utf8").catch(() => undefined);
  if (kept !== undefined) return Number(kept);
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no free port on 127.0.0.1");
  await writeFile(file, String(address.port));
  return address.port;
}
