import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { validityAt } from "../../../controller/certificates/authorities.ts";
import { issue, type KeyPair, makeAuthority, type Subject } from "../../../controller/certificates/authority.ts";
import { daemonSubject, subjects } from "../../../controller/certificates/subjects.ts";
import { DaemonClient } from "../../e2e/relay/daemon-client.ts";
import { certificates, cleanUps, serve, useServing } from "./serving.ts";

useServing();

/* A node's daemon shows another node's what it serves with, all of which the same authority has signed. */

const { daemon: shared, controller } = subjects("virt-api", "kubevirt");
const validity = validityAt(Date.now(), 3_600_000);
let authority: KeyPair;

beforeAll(async () => {
  authority = await makeAuthority("of the add-on", validity);
});

/** What the daemon of another node answers who has a certificate for this: the status, and the message if there is one. */
async function answer(subject: Subject): Promise<[number, string]> {
  const tlsFolder = await mkdtemp(join(tmpdir(), "own-certificate-"));
  cleanUps.push(() => rm(tlsFolder, { recursive: true }));
  const served = await issue(authority, shared, validity);
  await writeFile(join(tlsFolder, "ca.crt"), authority.certificate);
  await writeFile(join(tlsFolder, "tls.crt"), served.certificate);
  await writeFile(join(tlsFolder, "tls.key"), served.key);
  const { server } = await serve({}, {}, { tlsFolder });
  const client = new DaemonClient(server.port, { ...certificates, ca: authority.certificate });
  const path = "/v1/namespaces/default/virtualmachineinstances/vm/pause";
  const { code, body } = await client.request("PUT", path, { as: await issue(authority, subject, validity) });
  return [code, code === 200 ? "" : (JSON.parse(body.toString()) as { message: string }).message];
}

test("the certificate of a node's daemon is none for a client", async () => {
  const refused = [401, expect.stringContaining("the client certificate is not trusted: ")];
  expect(await answer(daemonSubject("node-2"))).toEqual(refused);
  expect(await answer(shared)).toEqual(refused);
  // Whatever names a node could have come by.
  expect(await answer({ ...daemonSubject("node-2"), names: ["virt-controller"] })).toEqual(refused);
  expect(await answer({ ...daemonSubject("node-2"), commonName: "virt-controller", names: [] })).toEqual(refused);
});

test("neither would it be if it were for clients: it is made out to its node", async () => {
  const names = '"node-2.virt-node-daemon", not to "virt-controller"';
  const message = `the client certificate is made out to ${names}`;
  expect(await answer({ ...daemonSubject("node-2"), usage: "client" })).toEqual([403, message]);
});

test("the controller's is", async () => {
  expect(await answer(controller)).toEqual([200, ""]);
});
