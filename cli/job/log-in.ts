import type { KubeClient } from "../../api/kube/client/client.ts";
import { sleep } from "../../api/kube/sleep.ts";
import type { Cli } from "../cli.ts";
import { Failure } from "../failure.ts";
import { untilGreeted } from "../remote/greeting.ts";
import { NoOpenSsh } from "../remote/open-ssh.ts";
import { SshSession } from "../remote/ssh-session.ts";
import type { Target } from "../target/target.ts";
import type { Key } from "./key.ts";

/** Milliseconds between two tries to log in. */
const interval = 2000;

const port = 22;

/** Logs in as soon as the guest lets us. */
export async function logIn(
  cli: Cli,
  client: KubeClient,
  target: Target,
  { user, key }: { readonly user: string; readonly key: Key },
  signal: AbortSignal,
): Promise<SshSession> {
  cli.say(`Waiting for ${target.name} to take a command`);
  for (;;) {
    await untilGreeted(client, target, port, signal);
    try {
      const way = `vm/${target.name}/${client.namespace}`;
      const words = [
        // The machine is new, so its key is known to nobody. The way there is the API server's, to this very instance.
        "-oStrictHostKeyChecking=no",
        "-oUserKnownHostsFile=/dev/null",
        "-oLogLevel=ERROR",
        "-oBatchMode=yes",
        "-oIdentitiesOnly=yes",
        "-oConnectTimeout=30",
        "-F/dev/null",
        `-i${key.file}`,
      ];
      return await SshSession.open({ flags: cli.flags, path: way, port, user, words }, signal);
    } catch (error) {
      signal.throwIfAborted();
      // The server may run before cloud-init has put our key in its place.
      if (!(error instanceof Failure) || error instanceof NoOpenSsh) throw error;
    }
    await sleep(interval, signal);
  }
}
