import { expect, test } from "vitest";
import { secretNames } from "../../controller/certificates/subjects.ts";
import { manifests } from "../../deploy/manifests.ts";
import { accountOf } from "../../deploy/objects/cel.ts";
import { names } from "../../deploy/objects/names.ts";
import type { Rule } from "../../deploy/objects/rule.ts";

/* What the programs may do in the API, right by right: who takes a program's token has these. */

const objects = Object.values(manifests).flat();
const roles = objects.filter(({ kind }) => kind === "ClusterRole" || kind === "Role");
const rulesOf = (account: string): Rule[] =>
  roles.filter(({ metadata }) => metadata.name === account).flatMap(({ rules }) => rules as Rule[]);

const accounts = [names.controller, names.daemon] as const;
const reads = ["get", "list", "watch"];
const operations: Readonly<Record<string, string>> = {
  create: "CREATE",
  patch: "UPDATE",
  update: "UPDATE",
  delete: "DELETE",
};

/** What the admission policies look at that hold an account: `CREATE pods`. */
function heldOf(account: string): Set<string> {
  const condition = `request.userInfo.username == "${accountOf(account)}"`;
  const held = objects.flatMap(({ kind, metadata, spec }) => {
    if (kind !== "ValidatingAdmissionPolicy") return [];
    const { matchConditions, matchConstraints, paramKind } = spec as {
      matchConditions: { expression: string }[];
      matchConstraints: { resourceRules: (Rule & { operations: string[] })[] };
      paramKind?: object;
    };
    const isBound = objects.some((one) => one.kind === `${kind}Binding` && one.metadata.name === metadata.name);
    // One with a parameter refuses nothing where that is not there.
    if (!isBound || paramKind || !matchConditions.every(({ expression }) => expression === condition)) return [];
    return matchConstraints.resourceRules.flatMap((rule) =>
      rule.operations.flatMap((operation) => named(rule).map((resource) => `${operation} ${resource}`)),
    );
  });
  return new Set(held);
}

/** The resources of a rule as people write them: `pods`, `leases.coordination.k8s.io`. */
function named({ apiGroups, resources }: Pick<Rule, "apiGroups" | "resources">): string[] {
  return apiGroups.flatMap((group) => resources.map((one) => (group === "" ? one : `${one}.${group}`)));
}

/** The rights of an account that no policy holds, by verb and resource; all readings of a resource are one. */
function unheldOf(account: string): string[] {
  const held = heldOf(account);
  const unheld = rulesOf(account).flatMap((rule) =>
    named(rule).flatMap((resource) =>
      rule.verbs.flatMap((verb) => {
        const which = rule.resourceNames ? `${resource} by name` : resource;
        if (reads.includes(verb)) return [`read ${which}`];
        return held.has(`${operations[verb]} ${resource}`) ? [] : [`${verb} ${which}`];
      }),
    ),
  );
  return [...new Set(unheld)].toSorted();
}

/** Why it is well, or has to be, that no policy holds these. Admission sees no reading. */
const reasons: Readonly<Record<(typeof accounts)[number], Readonly<Record<string, string>>>> = {
  [names.controller]: {
    "read virtualmachines.kubevirt.io": "It reconciles those of all namespaces.",
    "read virtualmachineinstances.kubevirt.io": "The same.",
    "read pods": "Placeholders are in all namespaces, and RBAC knows no label selectors.",
    "read nodes": "It judges their heartbeats.",
    "read persistentvolumeclaims": "Of an instance's claims it tells size and phase.",
    "read network-attachment-definitions.k8s.cni.cncf.io": "get alone: an instance is told which network is not there.",
    "read events": "The kubelet tells in events only why a pod has no sandbox.",
    "read deployments.apps": "list alone: it does not work beside KubeVirt.",
    "read kubevirts.kubevirt.io": "It works beside no other, and tells in its own how the installation is.",
    "read certificatesigningrequests.certificates.k8s.io": "What is in one is no secret.",
    "read apiservices.apiregistration.k8s.io by name": "Its own two.",
    "read leases.coordination.k8s.io by name": "Its own.",
    "read secrets by name": "Its certificates, in its own namespace.",
    "patch virtualmachines/status.kubevirt.io": "It tells of what it reconciles; nothing but the status is taken.",
    "patch virtualmachineinstances/status.kubevirt.io": "The same.",
    "patch kubevirts/status.kubevirt.io": "The same.",
    "update virtualmachines/finalizers.kubevirt.io":
      "Nothing is there to be updated; owner references ask for the right.",
    "update virtualmachineinstances/finalizers.kubevirt.io": "The same.",
    "approve signers.certificates.k8s.io by name": "Its own signer; it signs for node daemons.",
    "sign signers.certificates.k8s.io by name": "The same.",
    "patch certificatesigningrequests/approval.certificates.k8s.io":
      "The API server asks for the right to approve, too.",
    "patch certificatesigningrequests/status.certificates.k8s.io": "The API server asks for the right to sign, too.",
    "create leases.coordination.k8s.io": "In its own namespace, and nothing follows from one but who leads.",
    "update leases.coordination.k8s.io by name": "Its own.",
    "create subjectaccessreviews.authorization.k8s.io": "Nothing is written: it asks what users may do.",
  },
  [names.daemon]: {
    "read virtualmachineinstances.kubevirt.io": "Those of its node; RBAC knows no field selectors.",
    "read pods": "The same.",
    "read nodes": "get alone: its own; the same.",
    "read certificatesigningrequests.certificates.k8s.io": "get alone: its own; what is in one is no secret.",
  },
};

test.for(accounts)("each right of %s is held by an admission policy, or has its reason", (account) => {
  expect(unheldOf(account)).toEqual(Object.keys(reasons[account]).toSorted());
});

/** The rules of an account about a resource. */
const about = (account: string, resource: string): Rule[] =>
  rulesOf(account).filter(({ resources }) =>
    resources.some((one) => one === resource || one.startsWith(`${resource}/`)),
  );

test("the node daemon has no right on Secrets", () => {
  for (const resource of ["secrets", "configmaps", "serviceaccounts"])
    expect(about(names.daemon, resource)).toEqual([]);
});

test("the controller reads no Secrets but its own, and none of another namespace", () => {
  const cluster = roles.filter(({ kind, metadata }) => kind === "ClusterRole" && metadata.name === names.controller);
  expect(JSON.stringify(cluster)).not.toContain("secrets");
  expect(about(names.controller, "secrets")).toEqual([
    { apiGroups: [""], resources: ["secrets"], verbs: ["create"] },
    { apiGroups: [""], resources: ["secrets"], resourceNames: Object.values(secretNames), verbs: [...reads, "update"] },
  ]);
});

test("neither has a right to become somebody else, or to give more of them", () => {
  for (const account of accounts) {
    const verbs = rulesOf(account).flatMap(({ verbs: may }) => may);
    for (const verb of ["impersonate", "escalate", "bind", "deletecollection"]) expect(verbs).not.toContain(verb);
    const text = JSON.stringify(rulesOf(account));
    for (const resource of ["pods/exec", "pods/attach", "nodes/proxy", "serviceaccounts/token", "roles"]) {
      expect(text).not.toContain(`"${resource}"`);
    }
  }
});

test("no other role is bound to them", () => {
  const bound = objects.flatMap(({ kind, metadata, roleRef, subjects }) => {
    const accountsOf = (subjects as { kind: string; name: string }[] | undefined) ?? [];
    return kind.endsWith("Binding") && accountsOf.some((one) => one.kind === "ServiceAccount")
      ? [`${kind} ${metadata.namespace ?? ""}: ${(roleRef as { name: string }).name}`]
      : [];
  });
  expect(bound.toSorted()).toEqual([
    `ClusterRoleBinding : ${names.controller}`,
    `ClusterRoleBinding : ${names.daemon}`,
    "RoleBinding kube-system: extension-apiserver-authentication-reader",
    `RoleBinding kubevirt: ${names.controller}`,
  ]);
});
