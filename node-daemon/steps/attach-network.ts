import { hostnameOf } from "../../api/host-name.ts";
import { cardsOf } from "../network/card.ts";
import { containerOf, instanceOf, type StepContext } from "./context.ts";

/** Puts the guest on the networks of its placeholder. */
export async function attachNetwork(context: StepContext): Promise<void> {
  const instance = instanceOf(context);
  const cards = cardsOf(instance, context.links);
  const { namespace } = context.identity;
  const name = { hostname: hostnameOf(instance), namespace, subdomain: instance.spec.subdomain };
  await context.drivers.network.attach(cards, context.links, containerOf(context), name);
}
