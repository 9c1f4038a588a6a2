import { group } from "../../api/group.ts";
import type { Expression } from "./cel.ts";
import { type Manifest, partOf } from "./object.ts";

/** A condition on a request, and the message when it is false. */
export type Validation = { readonly expression: string; readonly reason?: "Forbidden" } & (
  | { readonly message: string }
  | { readonly messageExpression: string }
);

/** A policy: the writes that it checks, and its rules for them. */
export interface Policy {
  /** Without the group, which `policy` adds. */
  readonly name: string;
  readonly of: {
    readonly group: string;
    readonly version: string;
    readonly operations: readonly ("CREATE" | "UPDATE" | "DELETE")[];
    readonly resources: readonly string[];
  };
  /** The labels of the checked objects; all objects when absent. */
  readonly having?: Readonly<Record<string, string>>;
  /** An object that expressions can use as `params`. If it does not exist, the policy refuses nothing. */
  readonly params?: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
  };
  /** Requests for which any of these is false are not checked. */
  readonly when: readonly Expression[];
  readonly variables?: readonly Expression[];
  readonly validations: readonly Validation[];
}

/** A ValidatingAdmissionPolicy that refuses, even if its evaluation fails, and its binding. */
export function policy({ name: short, of, having, params, when, variables, validations }: Policy): Manifest[] {
  const apiVersion = "admissionregistration.k8s.io/v1";
  const name = `${short}.${group.name}`;
  const metadata = { name, labels: partOf };
  const { group: apiGroup, version, operations, resources } = of;
  const rule = { apiGroups: [apiGroup], apiVersions: [version], operations, resources };
  return [
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicy",
      metadata,
      spec: {
        failurePolicy: "Fail",
        ...(params ? { paramKind: { apiVersion: params.apiVersion, kind: params.kind } } : {}),
        matchConstraints: { resourceRules: [rule], ...(having ? { objectSelector: { matchLabels: having } } : {}) },
        matchConditions: when,
        ...(variables ? { variables } : {}),
        validations,
      },
    },
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata,
      spec: {
        policyName: name,
        ...(params
          ? { paramRef: { namespace: params.namespace, name: params.name, parameterNotFoundAction: "Allow" } }
          : {}),
        validationActions: ["Deny"],
      },
    },
  ];
}
