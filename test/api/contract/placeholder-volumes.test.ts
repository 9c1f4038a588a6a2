import { expect, test } from "vitest";
import { cloudInitSecrets } from "../../../api/contract/placeholder-volumes.ts";

const seed = (name: string) => ({ name, cloudInitNoCloud: { networkDataSecretRef: { name: "net" } } });
const names = (...volumes: ReturnType<typeof seed>[]): string[] =>
  volumes.flatMap((volume) => cloudInitSecrets(volume, volumes)).map(({ podVolume }) => podVolume);

test("the volume of a Secret with network data has a name that no volume of the machine has", () => {
  expect(names(seed("a"))).toEqual(["a-ndata"]);
  expect(names(seed("a"), seed("a-ndata"))).toEqual(["a-ndata-2", "a-ndata-ndata"]);
});

test("a name that would be too long for a volume is shortened", () => {
  const taken = "a".repeat(57);
  for (const name of names(seed(taken), seed(`${taken}-ndata`))) expect(name.length).toBeLessThanOrEqual(63);
});
