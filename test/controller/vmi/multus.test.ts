import { expect, test } from "vitest";
import { foreignNetwork } from "../../../controller/vmi/multus.ts";
import { aSlimInstance } from "../builders.ts";

/** An instance of the namespace `shop`. */
const attached = (networkName: string, more: object = {}) =>
  aSlimInstance({
    metadata: { name: "demo", namespace: "shop" },
    spec: {
      networks: [
        { name: "default", pod: {} },
        { name: "lan", multus: { networkName, ...more } },
      ],
    },
  });

test.for(["lan", "shop/lan", "default/lan", "shared/lan"])("%s is a network for an instance of shop", (network) => {
  expect(foreignNetwork(attached(network), ["default", "shared"])).toBeUndefined();
});

test("a network of another tenant is refused by its field and name", () => {
  expect(foreignNetwork(attached("bank/vault"), ["default"])).toEqual({
    type: "Synchronized",
    reason: "NetworkNotAllowed",
    message:
      "spec.networks[1].multus.networkName: bank/vault: an instance here may use networks of its own namespace, default",
  });
  expect(foreignNetwork(attached("default/lan"), [])?.message).toMatch(/may use networks of its own namespace$/);
});

test("a network that takes the place of the pods' is no exception", () => {
  expect(foreignNetwork(attached("bank/vault", { default: true }), ["default"])?.reason).toBe("NetworkNotAllowed");
});
