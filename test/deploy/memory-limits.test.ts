import { expect, test } from "vitest";
import { maxSpecBytes } from "../../api/contract/constants.ts";
import { maxUntrustedConnections } from "../../api/serving/strangers.ts";
import { budgetOf as controllerBudget, defaultLimits as controllerLimits } from "../../controller/api-server/limits.ts";
import { mostForUsers } from "../../controller/api-server/stores.ts";
import { cachedBytes } from "../../controller/cache/slim.ts";
import { mostAtOnce } from "../../controller/cache/whole-reader.ts";
import { controller } from "../../deploy/objects/controller.ts";
import { nodeDaemon } from "../../deploy/objects/node-daemon.ts";
import { guaranteedBytes } from "../../node-daemon/relay/guaranteed-bytes.ts";
import { budgetOf as daemonBudget, defaultLimits as daemonLimits } from "../../node-daemon/server/limits.ts";
import { memoryLimitOf } from "./memory-limit.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/** What a connection takes that nothing waits on: the state of TLS, of HTTP and of the socket. Measured: 60 to 80 KiB. */
const session = 100 * KiB;

/** V8 lets so much of buffers that nobody holds any more gather before it collects them. */
const garbage = 64 * MiB;

/** Instances on a node: the kubelet's limit of pods, which is 110 by default. */
const instances = 110;

test("all that clients can make a node daemon keep fits into its memory beside what it needs", () => {
  // Idle, and for each instance: `npm run bench -- memory` holds both to these. Its spec may be as large as any.
  const itself = 90 * MiB + instances * (MiB + maxSpecBytes) + garbage;
  // What waits for the disk is there twice while it is written.
  const ports = instances * (guaranteedBytes.replay + 2 * guaranteedBytes.log + guaranteedBytes.input);
  const clients = daemonBudget(daemonLimits).bytes + daemonLimits.connections * session;
  const strangers = maxUntrustedConnections * (session + 16 * KiB);
  const operations = daemonLimits.operations * (session + 64 * KiB);
  expect(itself + ports + clients + strangers + operations).toBeLessThan(memoryLimitOf(nodeDaemon));
});

test("all that clients can make a controller keep fits into its memory beside what it needs", () => {
  // A thousand machines with instances and pods, if each is as large as it can be held; an ordinary one takes a third.
  const objects = 1000 * (2 * (cachedBytes.whole + 4 * KiB) + 6 * KiB);
  // What is too large to be held, while it is read, parsed and written.
  const wholes = (mostAtOnce + mostForUsers) * 8 * MiB;
  // Idle, as `npm run bench -- memory` holds it to.
  const itself = 110 * MiB + objects + wholes + garbage;
  // Each has a connection to the API server and one to a daemon.
  const clients = controllerBudget(controllerLimits).bytes + controllerLimits.connections * 2 * session;
  const strangers = controllerLimits.strangers * (session + controllerLimits.headerBytes);
  expect(itself + clients + strangers).toBeLessThan(memoryLimitOf(controller));
});

test("one client's part is large enough for what it can make us keep", () => {
  // The message that is not whole yet and, for each of its pieces, a Buffer and its memory beside the bytes.
  const message = daemonLimits.maxPayload + daemonLimits.maxChunks * 400;
  // Output of a console, as it was and encrypted, and the last of it when the console ends.
  const output = 2 * guaranteedBytes.client + 2 * guaranteedBytes.client;
  expect(message + output).toBeLessThanOrEqual(daemonLimits.connectionBytes);
  // The largest body is read although it may be parsed into much.
  expect(controllerLimits.sharedBytes).toBeGreaterThan(1.5 * MiB * 33);
});
