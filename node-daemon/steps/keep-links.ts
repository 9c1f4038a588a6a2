import { bridgedDevices, cardsOf } from "../network/card.ts";
import { containerOf, instanceOf, type StepContext } from "./context.ts";

/** Records the addresses and routes of the pod's devices that the guest takes over: a later attempt would miss them. */
export async function keepLinks(context: StepContext): Promise<void> {
  const { drivers, paths } = context;
  const devices = bridgedDevices(cardsOf(instanceOf(context)));
  await drivers.notes.keepLinks(paths, await drivers.network.links(containerOf(context), devices));
}
