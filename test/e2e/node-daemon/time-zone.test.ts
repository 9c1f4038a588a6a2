import { expect, test } from "vitest";
import { useNamespace } from "../cluster.ts";
import { anInstance, Guest } from "../network/guest.ts";
import { usePrograms } from "../network/programs.ts";

const namespace = useNamespace("time-zone");
usePrograms(namespace);

const quarter = 15 * 60;

test("a guest's clock starts in the time of a zone on a node that has no files of zones", async () => {
  const domain = { memory: { guest: "192Mi" }, clock: { timezone: "Asia/Kathmandu" }, devices: { rng: {} } };
  await namespace.apply(anInstance("ahead", { domain }));
  const guest = new Guest(namespace, "ahead");
  await guest.ready(180_000);
  const { bundle } = await guest.node();
  expect(await bundle.run(["sh", "-c", "ls -d /usr/share/zoneinfo/Asia 2>&1 || true"])).toContain("No such file");
  // Its kernel takes the machine's clock for UTC.
  const ahead = Number(await guest.sh("date -u +%s")) - Date.now() / 1000;
  expect(Math.round(ahead / quarter) * quarter).toBe((5 * 4 + 3) * quarter);
});
