import type { Devices } from "./devices.ts";
import type { Network } from "./network.ts";
import type { Constraint } from "./rule.ts";
import type { Volume } from "./volume.ts";

/** The part of an instance's spec whose parts name one another. */
interface Spec {
  domain: { devices?: Devices | undefined };
  volumes?: readonly Volume[] | undefined;
  networks?: readonly Network[] | undefined;
}

interface Named {
  name: string;
  bootOrder?: number | undefined;
}

interface List {
  items(spec: Spec): readonly Named[];
  /** The same in CEL, where an API server bounds the cost of a rule only over the list itself, not over an expression. */
  cel: string;
  there: string;
}

const lists = {
  disk: {
    items: ({ domain }) => domain.devices?.disks ?? [],
    cel: "self.domain.devices.disks",
    there: "has(self.domain.devices) && has(self.domain.devices.disks)",
  },
  interface: {
    items: ({ domain }) => domain.devices?.interfaces ?? [],
    cel: "self.domain.devices.interfaces",
    there: "has(self.domain.devices) && has(self.domain.devices.interfaces)",
  },
  volume: { items: ({ volumes }) => volumes ?? [], cel: "self.volumes", there: "has(self.volumes)" },
  network: { items: ({ networks }) => networks ?? [], cel: "self.networks", there: "has(self.networks)" },
} as const satisfies Record<string, List>;
type Noun = keyof typeof lists;

/**
 * Each item of one list has one of its name in another; the message shows the first that has none. (`map` and not
 * `filter`, whose items have no bounded length any more: the cost of adding text to such would have none.)
 */
export function matches(noun: Noun, other: Noun): Constraint<Spec> {
  const from = lists[noun];
  const among = lists[other];
  const message = `there is no ${other} of the same name for the ${noun}`;
  const matched = `(${among.there} && ${among.cel}.exists(b, b.name == a.name))`;
  return {
    cel: {
      rule: `!(${from.there}) || ${from.cel}.all(a, ${matched})`,
      message,
      messageExpression: `${from.cel}.map(a, !${matched}, "${message} " + a.name)[0]`,
    },
    breach: (spec) => {
      const names = new Set(among.items(spec).map(({ name }) => name));
      const stray = from.items(spec).find(({ name }) => !names.has(name));
      return stray && `${message} ${stray.name}`;
    },
  };
}

/** In CEL, how many of a list have the bootOrder of `a`. */
function sameOrder({ cel, there }: List): string {
  return `(${there} ? ${cel}.filter(b, has(b.bootOrder) && b.bootOrder == a.bootOrder).size() : 0)`;
}

/** The firmware tries what has a bootOrder one after another, so no two can have the same. */
export function ordersDiffer(noun: "disk" | "interface"): Constraint<Spec> {
  const { cel, there, items } = lists[noun];
  const message = `another disk or interface has the bootOrder of the ${noun}`;
  const all = `${sameOrder(lists.disk)} + ${sameOrder(lists.interface)}`;
  return {
    cel: {
      rule: `!(${there}) || ${cel}.all(a, !has(a.bootOrder) || ${all} == 1)`,
      message,
      messageExpression: `${cel}.map(a, has(a.bootOrder) && ${all} > 1, "${message} " + a.name)[0]`,
    },
    breach: (spec) => {
      const orders = [...lists.disk.items(spec), ...lists.interface.items(spec)].map(({ bootOrder }) => bootOrder);
      const twin = items(spec).find(
        ({ bootOrder }) => bootOrder !== undefined && orders.filter((order) => order === bootOrder).length > 1,
      );
      return twin && `${message} ${twin.name}`;
    },
  };
}

/** A pod has one network of the cluster's, so a guest has one too. */
export const onePodNetwork: Constraint<Spec> = {
  cel: {
    rule: "!has(self.networks) || self.networks.filter(n, has(n.pod)).size() <= 1",
    message: "only one of the networks can be the pods' network",
    fieldPath: ".networks",
  },
  breach: ({ networks = [] }) =>
    networks.filter(({ pod }) => pod !== undefined).length > 1
      ? "only one of the networks can be the pods' network"
      : undefined,
};

/** A pod has the credentials of one ServiceAccount. */
export const oneServiceAccount: Constraint<Spec> = {
  cel: {
    rule: "!has(self.volumes) || self.volumes.filter(v, has(v.serviceAccount)).size() <= 1",
    message: "only one of the volumes can be a serviceAccount",
    fieldPath: ".volumes",
  },
  breach: ({ volumes = [] }) =>
    volumes.filter(({ serviceAccount }) => serviceAccount !== undefined).length > 1
      ? "only one of the volumes can be a serviceAccount"
      : undefined,
};
