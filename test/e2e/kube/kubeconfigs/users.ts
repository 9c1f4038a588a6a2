import { administrator, base64, cluster, config, first, type KubeconfigCase, ofUser, pem, second } from "./builders.ts";

/** Cases about users, and how they authenticate. */
export const users: Readonly<Record<string, KubeconfigCase>> = {
  "a certificate": ofUser(administrator),
  "a token": ofUser(first),
  "a token that is wrong": ofUser(() => ({ token: "wrong" })),
  "a token, and a certificate": ofUser((world) => ({ ...first(world), ...administrator(world) })),
  "a file with a token": {
    files: (world) => ({ one: config(cluster(world), { tokenFile: "of/token" }), "of/token": `${world.tokens[0]}\n` }),
  },
  "a file with a token, before a token": {
    files: (world) => ({
      one: config(cluster(world), { tokenFile: "token", ...second(world) }),
      token: world.tokens[0],
    }),
  },
  "a file with a token that is missing": {
    files: (world) => ({ one: config(cluster(world), { tokenFile: "token" }) }),
  },
  "a file with a token that is missing, and a token": {
    files: (world) => ({ one: config(cluster(world), { tokenFile: "token", ...second(world) }) }),
  },
  "a name and a password": ofUser(() => ({ username: "jane", password: "secret" })),
  "a name, a password and a token": ofUser((world) => ({ username: "jane", password: "secret", ...first(world) })),
  "files of a certificate and key, beside the second kubeconfig": {
    files: (world) => ({
      one: { "current-context": "a" },
      "below/two": config(
        { server: world.server, "certificate-authority": "ca.crt" },
        { "client-certificate": "admin.crt", "client-key": "../below/admin.key" },
      ),
      ...Object.fromEntries(Object.entries(pem(world)).map(([name, text]) => [`below/${name}`, text])),
    }),
    list: ["one", "below/two"],
  },
  "a certificate that is missing": ofUser(() => ({ "client-certificate": "none.crt", "client-key": "none.key" })),
  "a certificate without its key": ofUser(({ certificate }) => ({ "client-certificate-data": base64(certificate) })),
  "a certificate that is no base64": ofUser((world) => ({ ...administrator(world), "client-key-data": "*" })),
  "somebody to impersonate": ofUser((world) => ({ ...administrator(world), as: "jane" })),
  "groups, UID and more to impersonate": ofUser((world) => ({
    ...administrator(world),
    as: "jane",
    "as-uid": "43",
    "as-groups": ["devs", "ops"],
    "as-user-extra": { "example.com/Scopes a%b": ["one", "two"], plain: ["x"] },
  })),
  "groups to impersonate without somebody": ofUser((world) => ({ ...administrator(world), "as-groups": ["devs"] })),
  "more to impersonate without somebody": ofUser((world) => ({
    ...administrator(world),
    "as-user-extra": { a: ["b"] },
  })),
};
