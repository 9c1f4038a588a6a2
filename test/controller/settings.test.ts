import { afterEach, expect, test, vi } from "vitest";
import { command, type Settings } from "../../controller/settings.ts";

afterEach(() => vi.unstubAllEnvs());

function settingsOf(...args: string[]): Settings {
  const parsed = command("host")
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  return parsed.parse(args, { from: "user" }).opts<Settings>();
}

test("settings come from flags, then from the environment, then from defaults", () => {
  vi.stubEnv("HOLD_IMAGE", "registry.test/hold:2");
  vi.stubEnv("POD_NAME", "virt-controller-abc");
  expect(settingsOf()).toMatchObject({
    namespace: "kubevirt",
    holdImage: "registry.test/hold:2",
    holdPullPolicy: "IfNotPresent",
    identity: "virt-controller-abc",
    concurrency: 16,
    silentAfter: 240,
  });
  expect(settingsOf().globalNetworks).toEqual(["default"]);
  expect(settingsOf("--global-networks=shared,lab").globalNetworks).toEqual(["shared", "lab"]);
  expect(settingsOf("--global-networks=").globalNetworks).toEqual([]);
  expect(settingsOf("--hold-image=registry.test/hold:3").holdImage).toBe("registry.test/hold:3");
});

test("each flag has its variable in the help", () => {
  const help = command("host").helpInformation().replaceAll(/\s+/g, " ");
  for (const variable of [
    "HOLD_IMAGE",
    "HOLD_PULL_POLICY",
    "NAMESPACE",
    "POD_NAME",
    "LOG_LEVEL",
    "CONCURRENCY",
    "GUESTFS_IMAGE",
    "SILENT_AFTER",
    "GLOBAL_NETWORKS",
  ]) {
    expect(help).toContain(`env: ${variable}`);
  }
});

test.for([
  ["--concurrency=0", /--concurrency.*"?0"?/],
  ["--log-level=loud", /--log-level.*loud/],
  ["--hold-pull-policy=Sometimes", /--hold-pull-policy.*Sometimes/],
  ["--global-networks=shared,no_name", /--global-networks.*"no_name"/],
  ["--no-such", /--no-such/],
] as const)("%s is refused by name", ([flag, message]) => {
  expect(() => settingsOf(flag)).toThrow(message);
});
