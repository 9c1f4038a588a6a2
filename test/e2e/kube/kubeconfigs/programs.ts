import { cluster, config, first, type KubeconfigCase, ofProgram, v1 } from "./builders.ts";

/** Cases about users with a credential program. */
export const programs: Readonly<Record<string, KubeconfigCase>> = {
  "that tells a token": ofProgram(first),
  "that tells a certificate": ofProgram(({ certificate, key }) => ({
    clientCertificateData: certificate,
    clientKeyData: key,
  })),
  "that tells a token that has ended": ofProgram((world) => ({
    ...first(world),
    expirationTimestamp: "2001-01-01T00:00:00Z",
  })),
  "of the older version, without a mode": ofProgram(
    first,
    { apiVersion: `${v1}beta1`, interactiveMode: undefined },
    { printed: { apiVersion: `${v1}beta1` } },
  ),
  "of the oldest version": ofProgram(first, { apiVersion: `${v1}alpha1` }, { printed: { apiVersion: `${v1}alpha1` } }),
  "without a mode": ofProgram(first, { interactiveMode: undefined }),
  "with a mode that nobody knows": ofProgram(first, { interactiveMode: "Sometimes" }),
  "that wants a terminal, which there is not": ofProgram(first, { interactiveMode: "Always" }),
  "that asks where it can": ofProgram(first, { interactiveMode: "IfAvailable" }),
  "without a version": ofProgram(first, { apiVersion: undefined }),
  "without a command": ofProgram(first, { command: "" }),
  "that is not there": ofProgram(first, { command: "./none.sh", installHint: "get it" }),
  "that is nowhere in the search path": ofProgram(first, { command: "no-such-program-at-all" }),
  "that answers in another version": ofProgram(first, {}, { printed: { apiVersion: `${v1}beta1` } }),
  "that answers another kind": ofProgram(first, {}, { printed: { kind: "Pod" } }),
  "that answers without a status": ofProgram(first, {}, { printed: { status: undefined } }),
  "that answers an empty status": ofProgram(() => ({})),
  "that answers half a pair": ofProgram(({ key }) => ({ clientKeyData: key })),
  "that answers nonsense": ofProgram(first, { command: "echo", args: ["nonsense"] }),
  "that answers in YAML": {
    files: (world) => ({
      one: config(cluster(world), { exec: { apiVersion: v1, command: "./tell.sh", interactiveMode: "Never" } }),
      "tell.sh": `#!/bin/sh\nprintf 'apiVersion: ${v1}\\nkind: ExecCredential\\nstatus: {token: "${world.tokens[0]}"}\\n'\n`,
    }),
  },
  "that fails, after it has answered": ofProgram(first, {}, { script: "trap 'exit 3' EXIT" }),
  "beside a token": ofProgram(first, {}, { user: { token: "wrong" } }),
  "beside a provider": ofProgram(first, {}, { user: { "auth-provider": { name: "oidc", config: {} } } }),
  "with arguments and variables": {
    files: (world) => ({
      one: config(cluster(world), {
        exec: {
          apiVersion: v1,
          command: "sh",
          args: ["-c", `printf '{"apiVersion":"${v1}","kind":"ExecCredential","status":{"token":"%s"}}' "$TOKEN"`],
          env: [{ name: "TOKEN", value: world.tokens[0] }],
          interactiveMode: "Never",
        },
      }),
    }),
    env: { TOKEN: "of the environment" },
  },
  "with a variable without a name": ofProgram(first, { env: [{ name: "", value: "x" }] }),
  "that wants to know nothing of the cluster": ofProgram(
    first,
    {},
    { script: `printenv KUBERNETES_EXEC_INFO > "\${0%/*}/info"` },
  ),
  "that wants to know of the cluster": {
    files: (world) => {
      const extensions = [{ name: "client.authentication.k8s.io/exec", extension: { audience: "x", list: [1] } }];
      const fields = { "tls-server-name": "localhost", "disable-compression": true, extensions };
      const exec = { apiVersion: v1, command: "./tell.sh", interactiveMode: "IfAvailable", provideClusterInfo: true };
      const credential = { apiVersion: v1, kind: "ExecCredential", status: first(world) };
      return {
        one: config(cluster(world, fields), { exec }),
        "tell.sh": `#!/bin/sh\nprintenv KUBERNETES_EXEC_INFO > "\${0%/*}/info"\necho '${JSON.stringify(credential)}'\n`,
      };
    },
  },
  "that wants to know of a cluster behind a proxy that is not there": {
    files: (world) => {
      const exec = { apiVersion: v1, command: "./tell.sh", interactiveMode: "Never", provideClusterInfo: true };
      const credential = { apiVersion: v1, kind: "ExecCredential", status: first(world) };
      return {
        one: config(cluster(world, { "proxy-url": "http://127.0.0.1:1" }), { exec }),
        "tell.sh": `#!/bin/sh\nprintenv KUBERNETES_EXEC_INFO > "\${0%/*}/info"\necho '${JSON.stringify(credential)}'\n`,
      };
    },
  },
  "that wants to know of a cluster with little to know": {
    files: (world) => {
      const exec = { apiVersion: v1, command: "./tell.sh", interactiveMode: "Never", provideClusterInfo: true };
      const credential = { apiVersion: v1, kind: "ExecCredential", status: first(world) };
      return {
        one: config({ server: world.server, "insecure-skip-tls-verify": true }, { exec }),
        "tell.sh": `#!/bin/sh\nprintenv KUBERNETES_EXEC_INFO > "\${0%/*}/info"\necho '${JSON.stringify(credential)}'\n`,
      };
    },
  },
};
