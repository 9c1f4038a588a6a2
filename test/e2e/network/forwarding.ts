import { once } from "node:events";
import { execa } from "execa";
import type { Stage } from "../main-path/stage.ts";

/** Runs `kubectl virt port-forward` while a function uses its local port. */
export async function forwarding<T>(stage: Stage, args: string, use: (port: number) => Promise<T>): Promise<T> {
  const namespace = `--namespace=${stage.namespace.name}`;
  const child = execa("kubectl", ["virt", "port-forward", ...args.split(" "), namespace], {
    env: stage.environment,
    reject: false,
  });
  try {
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    return await use(Number(/127\.0\.0\.1:(\d+)/.exec(line.toString())?.[1]));
  } finally {
    child.kill("SIGINT");
    await child;
  }
}
