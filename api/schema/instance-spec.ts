import type { z } from "zod";
import { defaultGracePeriod } from "../contract/constants.ts";
import { domain } from "./domain.ts";
import { choice, integer, listBy, object, opaque } from "./field.ts";
import { network } from "./network.ts";
import { probe } from "./probe.ts";
import { matches, onePodNetwork, oneServiceAccount, ordersDiffer, othersAreBridged } from "./references.ts";
import { naming, scheduling } from "./scheduling.ts";
import { volume } from "./volume.ts";

export const instanceSpec = object(
  {
    domain,
    volumes: listBy("name", volume, "What the guest's disks are made of.").optional(),
    networks: listBy("name", network, "What the guest's network cards attach to.", 32).optional(),
    ...scheduling,
    ...naming,
    terminationGracePeriodSeconds: integer("Seconds between asking the guest to shut down and pulling the plug.", {
      min: 0,
      fallback: defaultGracePeriod,
    }).optional(),
    startStrategy: choice(["Paused"], "Paused: the guest is started but does not run until unpaused.").optional(),
    evictionStrategy: choice(
      ["None", "LiveMigrate", "LiveMigrateIfPossible", "External"],
      "What happens when its node is drained; None when absent. External: others are told by status.evacuationNodeName, and end it.",
    ).optional(),
    architecture: choice(["amd64", "arm64", "s390x"], "The guest's processor; the node's when absent.").optional(),
    livenessProbe: probe("Restarts the guest when it fails.").optional(),
    readinessProbe: probe("Takes the guest out of Services while it fails.").optional(),
    accessCredentials: opaque.list("Keys and passwords that are kept up to date in the guest.").optional(),
    serviceAccountName: opaque.text("The ServiceAccount of the placeholder pod.").optional(),
    resourceClaims: opaque.list("Devices that are claimed.").optional(),
    utilityVolumes: opaque.list("Volumes that the guest does not see.").optional(),
  },
  "What the machine is.",
  {
    constraints: [
      matches("disk", "volume"),
      matches("interface", "network"),
      matches("network", "interface"),
      onePodNetwork,
      othersAreBridged,
      oneServiceAccount,
      ordersDiffer("disk"),
      ordersDiffer("interface"),
    ],
  },
);
export type InstanceSpec = z.infer<typeof instanceSpec>;
