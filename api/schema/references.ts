import { isPodNetwork } from "../contract/pod-devices.ts";
import type { Devices } from "./devices.ts";
import type { Network } from "./network.ts";
import type { Constraint } from "./rule.ts";
import type { Volume } from "./volume.ts";

/** The part of an instance's spec whose items refer to one another. */
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
  /** The list in CEL. An API server bounds a rule's cost only for the list itself, not for an expression. */
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
 * Each item of one list must have an item of the same name in another. The message names the first item without one.
 * (It uses `map`, not `filter`: the items of `filter` have no bounded length, so the cost of the message would have no
 * bound.)
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

/** CEL for: the number of items in a list with the bootOrder of `a`. */
function sameOrder({ cel, there }: List): string {
  return `(${there} ? ${cel}.filter(b, has(b.bootOrder) && b.bootOrder == a.bootOrder).size() : 0)`;
}

/** The firmware tries devices in the order of bootOrder, so no two can have the same. */
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

/** CEL for: `n` is the pod's own network. */
const celIsPodNetwork = "(has(n.pod) || (has(n.multus) && has(n.multus.default) && n.multus.default))";

/** CEL for: the interface `a` is attached in a supported way, that is by bridge or to the pod's own network. */
const celIsBridged = `has(a.bridge) || !self.networks.exists(n, n.name == a.name && !${celIsPodNetwork})`;
const notBridged = "a network other than the pods' can only be attached by bridge";

/** A pod has only one network of the cluster, so a guest has only one too. */
export const onePodNetwork: Constraint<Spec> = {
  cel: {
    rule: `!has(self.networks) || self.networks.filter(n, ${celIsPodNetwork}).size() <= 1`,
    message: "only one of the networks can be the pods' network",
    fieldPath: ".networks",
  },
  breach: ({ networks = [] }) =>
    networks.filter(isPodNetwork).length > 1 ? "only one of the networks can be the pods' network" : undefined,
};

/** An interface on any other network must be a bridge: masquerading works only behind the pod's address. */
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

/** A pod has the credentials of only one ServiceAccount. */
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
