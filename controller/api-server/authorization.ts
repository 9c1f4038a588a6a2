import { createHash } from "node:crypto";
import type { KubeClient } from "../../api/kube/client/client.ts";
import type { KubeObject } from "../../api/kube/resources/object.ts";
import type { Resource } from "../../api/kube/resources/resource.ts";
import { subresourceGroup } from "../../api/sub-resources.ts";
import type { Access, Authorizer } from "./backends.ts";
import type { User } from "./user.ts";

interface SubjectAccessReview extends KubeObject {
  spec: {
    user: string;
    uid?: string;
    groups: readonly string[];
    extra: User["extra"];
    resourceAttributes: Access & { group: string };
  };
  status?: { allowed?: boolean; denied?: boolean; reason?: string };
}

const reviews: Resource<SubjectAccessReview> = {
  group: "authorization.k8s.io",
  version: "v1",
  plural: "subjectaccessreviews",
  kind: "SubjectAccessReview",
  namespaced: false,
};

export interface AuthorizationOptions {
  /** Milliseconds that a positive answer stays valid; 10 s by default, as in every API server. */
  allowedFor?: number;
  /** Milliseconds that a negative answer stays valid; 1 s by default: a user who just got a role should not wait. */
  refusedFor?: number;
  /** The most answers that are kept. */
  limit?: number;
  /** Milliseconds by a monotonic clock: changing the system's clock must not prolong a positive answer. */
  now?: () => number;
}

/** Asks the API server for a user's rights, and keeps the answers for a moment. */
export class SubjectAccess implements Authorizer {
  readonly #client: KubeClient;
  readonly #options: Required<AuthorizationOptions>;
  /** In order of arrival, so that the first is the oldest. */
  readonly #answers = new Map<string, { refusal: string | undefined; until: number }>();

  constructor(
    client: KubeClient,
    { allowedFor = 10_000, refusedFor = 1000, limit = 1000, now = () => performance.now() }: AuthorizationOptions = {},
  ) {
    this.#client = client;
    this.#options = { allowedFor, refusedFor, limit, now };
  }

  async refusal(user: User, access: Access): Promise<string | undefined> {
    // A hash, because users' groups and requests may be long: a thousand kept answers should not need that much memory.
    const key = createHash("sha256")
      .update(JSON.stringify([user, access]))
      .digest("base64");
    const known = this.#answers.get(key);
    if (known && known.until > this.#options.now()) return known.refusal;
    const refusal = await this.#ask(user, access);
    this.#keep(key, refusal);
    return refusal;
  }

  async #ask(user: User, access: Access): Promise<string | undefined> {
    const { status } = await this.#client.create(reviews, {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: {
        user: user.name,
        ...(user.uid === undefined ? {} : { uid: user.uid }),
        groups: user.groups,
        extra: user.extra,
        resourceAttributes: { ...access, group: subresourceGroup.name },
      },
    });
    if (status?.allowed === true && status.denied !== true) return undefined;
    return forbidden(user, access) + (status?.reason ? `: ${status.reason}` : "");
  }

  #keep(key: string, refusal: string | undefined): void {
    const { allowedFor, refusedFor, limit, now } = this.#options;
    this.#answers.delete(key);
    this.#answers.set(key, { refusal, until: now() + (refusal === undefined ? allowedFor : refusedFor) });
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > limit && oldest !== undefined) this.#answers.delete(oldest);
  }
}

/** The message that every API server uses. */
function forbidden({ name: user }: User, { verb, resource, subresource, name, namespace }: Access): string {
  const what = subresource ? `${resource}/${subresource}` : resource;
  return (
    `${resource}.${subresourceGroup.name}${name ? ` "${name}"` : ""} is forbidden: User "${user}" cannot ${verb} ` +
    `resource "${what}" in API group "${subresourceGroup.name}" in the namespace "${namespace}"`
  );
}
