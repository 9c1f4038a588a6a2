import { bridgedDevices, cardsOf } from "../network/card.ts";
import { containerOf, instanceOf, type StepContext } from "./context.ts";

/** Keeps what the pod's devices have that the guest is to take over: the next attempt would not find it any more. */
export async function keepLinks(context: StepContext): Promise<void> {
  const { drivers, paths } = context;
  const devices = bridgedDevices(cardsOf(instanceOf(context)));
  await drivers.storage.keepLinks(paths, await drivers.network.links(containerOf(context), devices));
}
