import { isPodNetwork } from "../contract/pod-devices.ts";
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

/** In CEL, whether `n` is the network that the pod itself is on. */
const celIsPodNetwork = "(has(n.pod) || (has(n.multus) && has(n.multus.default) && n.multus.default))";

/** In CEL, whether the interface `a` is attached to a network in a way that there is. */
const celIsBridged = `has(a.bridge) || !self.networks.exists(n, n.name == a.name && !${celIsPodNetwork})`;
const notBridged = "a network other than the pods' can only be attached by bridge";

/** A pod has one network of the cluster's, so a guest has one too. */
export const onePodNetwork: Constraint<Spec> = {
  cel: {
    rule: `!has(self.networks) || self.networks.filter(n, ${celIsPodNetwork}).size() <= 1`,
    message: "only one of the networks can be the pods' network",
    fieldPath: ".networks",
  },
  breach: ({ networks = [] }) =>
    networks.filter(isPodNetwork).length > 1 ? "only one of the networks can be the pods' network" : undefined,
};

/** Behind a pod's address there is nobody on any other network. */
export const othersAreBridged: Constraint<Spec> = {
  cel: {
    rule: `!(${lists.interface.there} && has(self.networks)) || ${lists.interface.cel}.all(a, ${celIsBridged})`,
    message: notBridged,
    messageExpression: `${lists.interface.cel}.map(a, !(${celIsBridged}), "${notBridged}: interface " + a.name)[0]`,
    fieldPath: ".domain",
  },
  breach: ({ domain, networks = [] }) => {
    const others = new Set(networks.filter((network) => !isPodNetwork(network)).map(({ name }) => name));
    const stray = domain.devices?.interfaces?.find(({ bridge, name }) => !bridge && others.has(name));
    return stray && `${notBridged}: interface ${stray.name}`;
  },
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
