import { cluster, config, first, type KubeconfigCase, pem, second, two } from "./builders.ts";

/** Cases about several files, and which entries count. */
export const merging: Readonly<Record<string, KubeconfigCase>> = {
  "one name in two files": { files: two, list: ["one", "two"] },
  "the same, the other way round": { files: two, list: ["two", "one"] },
  "a context of another file": {
    files: (world) => ({
      one: config(cluster(world), first(world)),
      two: config(cluster(world), second(world), { name: "b", context: { namespace: "of-two" } }),
    }),
    list: ["one", "two"],
    flags: () => ["--context=b"],
  },
  "a current context in the second file only": {
    files: (world) => ({
      one: config(cluster(world), first(world), { more: { "current-context": "" } }),
      two: config(cluster(world), second(world), { name: "b" }),
    }),
    list: ["one", "two"],
  },
  "context, cluster and user in three files": {
    files: (world) => ({
      one: {
        contexts: [{ name: "a", context: { cluster: "b", user: "c", namespace: "of-one" } }],
        "current-context": "a",
      },
      two: { clusters: [{ name: "b", cluster: cluster(world) }] },
      three: { users: [{ name: "c", user: first(world) }] },
    }),
    list: ["one", "two", "three"],
  },
  "a file that is missing": { files: two, list: ["none", "one", "neither", "two"] },
  "one file twice, and nothing between": { files: two, list: ["", "one", "", "one", ""] },
  "an empty file": { files: (world) => ({ ...two(world), empty: "" }), list: ["empty", "one"] },
  "a file with a line's end": { files: (world) => ({ ...two(world), empty: "\n" }), list: ["empty", "one"] },
  "a file with a comment": { files: (world) => ({ ...two(world), empty: "# nothing\n" }), list: ["empty", "one"] },
  "a file with an empty document": { files: (world) => ({ ...two(world), empty: "---\n" }), list: ["empty", "one"] },
  "a file with an empty object": { files: (world) => ({ ...two(world), empty: "{}\n" }), list: ["empty", "one"] },
  "a file that is no YAML": { files: (world) => ({ ...two(world), bad: "a: [" }), list: ["one", "bad"] },
  "a file of another kind": {
    files: (world) => ({ ...two(world), bad: { apiVersion: "v1", kind: "Pod" } }),
    list: ["one", "bad"],
  },
  "a file of another version": {
    files: (world) => ({ ...two(world), bad: { apiVersion: "v2", kind: "Config" } }),
    list: ["one", "bad"],
  },
  "a folder": { files: two, list: ["one", "."] },
  "files that are all missing": { files: two, list: ["none", "neither"] },
  "the same, with a server and a token": {
    files: pem,
    list: ["none"],
    flags: ({ server, tokens }) => [
      `--server=${server}`,
      `--token=${tokens[0]}`,
      "--certificate-authority=FOLDER/ca.crt",
    ],
  },
  "a file that is named, missing": { files: two, list: ["one"], flags: () => ["--kubeconfig=FOLDER/none"] },
  "a file that is named, before a list": { files: two, list: ["one"], flags: () => ["--kubeconfig=FOLDER/two"] },
  "a named list, which is none": { files: two, list: ["one"], flags: () => ["--kubeconfig=FOLDER/one:FOLDER/two"] },
  "a name twice in one file": {
    files: (world) => ({
      one: config(cluster(world), first(world), {
        more: {
          users: [
            { name: "a", user: {} },
            { name: "a", user: first(world) },
          ],
        },
      }),
    }),
  },
  "no current context": {
    files: (world) => ({ one: config(cluster(world), first(world), { more: { "current-context": null } }) }),
  },
  "a current context that is not there": {
    files: (world) => ({ one: config(cluster(world), first(world), { more: { "current-context": "b" } }) }),
  },
  "a context that is named, not there": { files: two, flags: () => ["--context=b"] },
  "a cluster that is not there": {
    files: (world) => ({ one: config(cluster(world), first(world), { context: { cluster: "b" } }) }),
  },
  "a user that is not there": {
    files: (world) => ({ one: config(cluster(world), first(world), { context: { user: "b" } }) }),
  },
  "no user": { files: (world) => ({ one: config(cluster(world), first(world), { context: { user: null } }) }) },
  "fields without a value": {
    files: (world) => ({
      one: config(
        cluster(world, { "tls-server-name": null, extensions: null, "insecure-skip-tls-verify": null }),
        { ...first(world), exec: null, "as-groups": null, tokenFile: null },
        { context: { namespace: null }, more: { preferences: null, extensions: null } },
      ),
    }),
  },
  "fields that nobody knows": {
    files: (world) => ({
      one: config(cluster(world, { color: "red" }), { ...first(world), shoe: 43 }, { more: { more: [] } }),
    }),
  },
  "a number for a namespace": {
    files: (world) => ({ one: config(cluster(world), first(world), { context: { namespace: 12 } }) }),
  },
  "yes for true": {
    files: ({ server, tokens }) => ({
      one: `clusters: [{name: a, cluster: {server: "${server}", insecure-skip-tls-verify: yes}}]\nusers: [{name: a, user: {token: "${tokens[0]}"}}]\ncontexts: [{name: a, context: {cluster: a, user: a}}]\ncurrent-context: a\n`,
    }),
  },
};
