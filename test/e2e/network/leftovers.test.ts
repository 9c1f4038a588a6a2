import { beforeAll, expect, test } from "vitest";
import { eventually, nodes, noPodIsEnding, useNamespace } from "../cluster.ts";
import { rounds } from "../rounds.ts";
import { anInstance, Guest } from "./guest.ts";
import { usePrograms } from "./programs.ts";

const namespace = useNamespace("leftovers", { "pod-security.kubernetes.io/enforce": "restricted" });
const {
  daemons: [daemon],
} = usePrograms(namespace);
const [node] = nodes;

/** All of a node that machines leave traces in. */
const inventory = `
find /var/lib/kubevirt-node /run/libvirt/qemu /var/lib/libvirt/qemu /var/log/libvirt/qemu -mindepth 1 2>/dev/null | grep -v -e /autostart -e /slirp -e /passt -e /dbus | sort
cut -d' ' -f5 /proc/1/mountinfo | sort
ip -o link | cut -d: -f2 | sort
nft list tables
ls /run/netns
ps axo comm= | grep -v -e '^ps$' -e '^sh$' -e '^grep$' -e '^sort$' -e '^node' -e '^kworker' | sort
find /sys/fs/cgroup -type d -path '*kubepods*pod*' | sort
`;
let before = "";

const take = (): Promise<string> => node.bundle.run(["sh", "-c", inventory]);

/** Waits until there is no pod of an instance, nor anything else that comes and goes with one. */
async function settled(): Promise<string> {
  return eventually(async () => {
    if ((await namespace.kubectl("get", "pods", "--output=name")) !== "") throw new Error("there are pods");
    const found = await take();
    if (/qemu-system|dnsmasq|udhcpd|vm[0-9a-f]{10}/.test(found)) throw new Error(`a machine is there:\n${found}`);
    await noPodIsEnding(found);
    return found;
  }, 60_000);
}

beforeAll(async () => {
  // The first machine makes libvirt's own folders.
  await namespace.apply(placed("very-first"));
  await namespace.kubectl("wait", "vmi", "very-first", "--for=jsonpath={.status.phase}=Running", "--timeout=60s");
  await namespace.kubectl("delete", "vmi", "very-first", "--timeout=60s");
  before = await settled();
});

function placed(name: string, spec: object = {}): object {
  const placement = { nodeSelector: { "kubernetes.io/hostname": node.name }, terminationGracePeriodSeconds: 1 };
  return anInstance(name, { ...placement, ...spec });
}

/** A spec with parts of a domain. */
const domain = (parts: object): object => ({ domain: { memory: { guest: "192Mi" }, devices: { rng: {} }, ...parts } });

const uefi = domain({ firmware: { bootloader: { efi: { secureBoot: false } } } });
const bridged = {
  networks: [{ name: "default", pod: {} }],
  ...domain({ devices: { interfaces: [{ name: "default", bridge: {} }] } }),
};

async function killedAt(step: string, since: number): Promise<void> {
  await eventually(async () => {
    if (!(await daemon?.log())?.slice(since).includes(`"do":"${step}"`)) throw new Error(`no step ${step} yet`);
  });
  await daemon?.kill();
}

const starts: [step: string, name: string, spec: object][] = [
  ["make-folder", "plain", {}],
  ["make-overlay", "plain", {}],
  ["make-variables", "uefi", uefi],
  ["make-taps", "plain", {}],
  ["define", "plain", {}],
  ["start-paused", "plain", {}],
  ["attach-console", "plain", {}],
  ["adopt", "plain", {}],
  ["keep-links", "bridged", bridged],
  ["attach-network", "plain", {}],
  ["attach-network", "bridged", bridged],
  ["resume", "plain", {}],
  ["mark-started", "plain", {}],
];

test.each(rounds(starts))(
  "after its %s of a %s machine, which is deleted while it is dead, a daemon leaves nothing",
  async (step, name, spec) => {
    const since = (await daemon?.log())?.length ?? 0;
    await namespace.apply(placed(name, spec));
    await killedAt(step, since);
    await namespace.kubectl("delete", "vmi", name, "--wait=false");
    await daemon?.start();
    await namespace.kubectl("wait", "vmi", name, "--for=delete", "--timeout=60s");
    await eventually(async () => expect(await take()).toBe(before), 60_000);
  },
);

const ends: [step: string, seconds: number][] = [
  // With a second a daemon that is late destroys at once.
  ["press-power-button", 10],
  ["destroy", 0],
  ["mark-ended", 1],
  ["detach-console", 1],
  ["undefine", 1],
  ["remove-disks", 1],
  ["release-hold", 1],
  ["remove-folder", 1],
];

test.each(rounds(ends))(
  "a daemon that dies after its %s, with a grace period of %i s, leaves nothing",
  async (step, seconds) => {
    const since = (await daemon?.log())?.length ?? 0;
    await namespace.apply(placed(step, { terminationGracePeriodSeconds: seconds }));
    const phase = (): Promise<string> => new Guest(namespace, step).field(".status.phase");
    await eventually(async () => expect(await phase()).toBe("Running"), 60_000);
    await namespace.kubectl("delete", "vmi", step, "--wait=false");
    await killedAt(step, since);
    await daemon?.start();
    await namespace.kubectl("wait", "vmi", step, "--for=delete", "--timeout=60s");
    await eventually(async () => expect(await take()).toBe(before), 60_000);
  },
);

/** Takes the place of a program of the node: stops in the middle of what the daemon has it do, and says so. */
const hanging = {
  // The pod's device has given its addresses away and is on the bridge; the guest's card is not.
  ip: `[ "$1" = -batch ] || exec /usr/sbin/ip "$@"
    batch=$(cat)
    case "$batch" in *"type bridge"*) batch=$(echo "$batch" | head -n 3); half=1 ;; esac
    echo "$batch" | /usr/sbin/ip -batch - || exit 1
    [ "$half" ] || exit 0`,
  // The guest's card is up, and nothing of the pod's leads to it.
  nft: "",
};

test.each<[program: keyof typeof hanging, name: string, spec: object]>([
  ["ip", "half-bridged", bridged],
  ["nft", "half-masqueraded", {}],
])(
  "after a daemon was killed in the midst of its %s for a %s machine, the next one brings its network up",
  async (program, name, spec) => {
    const [place, mark] = [`/usr/local/sbin/${program}`, "/run/half-done"];
    const script = `#!/bin/sh\n${hanging[program]}\necho $$ > ${mark}; exec sleep 600\n`;
    await node.bundle.run(["sh", "-ec", `printf %s "$0" > ${place}; chmod 755 ${place}`, script]);
    try {
      await namespace.apply(placed(name, spec));
      await eventually(() => node.bundle.run(["test", "-s", mark]), 60_000);
      await daemon?.kill();
    } finally {
      await node.bundle.run(["sh", "-c", `rm ${place}; kill $(cat ${mark}); rm ${mark}`]);
    }
    await daemon?.start();
    const guest = new Guest(namespace, name);
    const address = await guest.ready();
    const own = name === "half-bridged" ? address : "10.0.2.2";
    expect(await guest.sh("ip -4 address show dev eth0")).toContain(`inet ${own}/`);
    expect(await node.bundle.run(["curl", "--silent", `http://${address}/cgi-bin/index.cgi`])).toBe(name);
    await namespace.kubectl("delete", "vmi", name, "--timeout=60s");
    await eventually(async () => expect(await take()).toBe(before), 60_000);
  },
);
