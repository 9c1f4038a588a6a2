// @peculiar/x509 stands on tsyringe, which wants this first.
import "reflect-metadata";
import { createPublicKey, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { type Authorities, advanced, validityAt } from "../../../controller/certificates/authorities.ts";
import { certify, type KeyPair, makeAuthority } from "../../../controller/certificates/authority.ts";
import { certificatesOf } from "../../../controller/certificates/inspect.ts";
import { defaultPolicy } from "../../../controller/certificates/policy.ts";
import { daemonSubject } from "../../../controller/certificates/subjects.ts";
import { OwnCertificate } from "../../../node-daemon/certificate/own-certificate.ts";

const hour = 3_600_000;
let first: KeyPair;
let second: KeyPair;
let ending = new AbortController();

beforeAll(async () => {
  [first, second] = (await Promise.all(
    ["first", "second"].map((name) => makeAuthority(name, validityAt(Date.now(), 24 * hour))),
  )) as [KeyPair, KeyPair];
});
afterEach(() => {
  ending.abort();
  ending = new AbortController();
  vi.useRealTimers();
});

/**
 * A node's certificate, and the world in which it asks: who signs, who is trusted, what time it is. With `byDefault`, the
 * node goes by its own clock.
 */
function aNode({ byDefault = false } = {}) {
  const node = "node-1";
  const world = {
    signer: first,
    trusted: first.certificate,
    now: Date.now(),
    /** Milliseconds by which the signer's clock is ahead of the node's. */
    signerAhead: 0,
    refuses: false,
    name: node,
    asked: 0,
    looks: 0,
  };
  const own = new OwnCertificate({
    node,
    async obtain(request) {
      world.asked += 1;
      if (world.refuses) throw new Error("nobody signs");
      const { publicKey } = new x509.Pkcs10CertificateRequest(request);
      return certify(
        world.signer,
        daemonSubject(world.name),
        validityAt(world.now + world.signerAhead, hour),
        publicKey,
      );
    },
    async authorities() {
      world.looks += 1;
      return world.trusted;
    },
    lookEvery: 5,
    ...(byDefault ? {} : { now: () => world.now }),
  });
  const running = own.run(ending.signal);
  return { own, world, running };
}

const shown = (own: OwnCertificate): X509Certificate => new X509Certificate(own.current()?.cert ?? "");
const isSignedBy = (own: OwnCertificate, authority: KeyPair): boolean =>
  shown(own).verify(createPublicKey(authority.certificate));

/** Waits until it has looked again. */
async function looked(world: { looks: number }): Promise<void> {
  const before = world.looks;
  await vi.waitFor(() => expect(world.looks).toBeGreaterThan(before + 1), 20_000);
}

test("a node has a certificate of its own name, and asks for no other while it is good", async () => {
  const { own, world, running } = aNode();
  await vi.waitFor(() => expect(own.current()).toBeDefined(), 20_000);
  expect(shown(own).subjectAltName).toBe("DNS:node-1.virt-node-daemon");
  world.now += hour / 2;
  await looked(world);
  expect(world.asked).toBe(1);
  ending.abort();
  await running;
});

test("it is renewed in time, with another key, and who shows it hears of that", async () => {
  const { own, world } = aNode();
  await vi.waitFor(() => expect(own.current()).toBeDefined(), 20_000);
  const before = own.current();
  const told = Promise.withResolvers<void>();
  own.subscribe(told.resolve);
  world.now += hour * 0.75;
  await told.promise;
  expect(own.current()?.key).not.toBe(before?.key);
  expect(shown(own).validToDate.getTime()).toBeGreaterThan(
    new X509Certificate(before?.cert ?? "").validToDate.getTime(),
  );
});

test.each([
  ["behind", 1],
  ["ahead of", -1],
])("a node whose clock is a year %s the controller's renews it in time, and not before", async (_, direction) => {
  const signerAhead = direction * 365 * 24 * hour;
  const signer = await makeAuthority("away", validityAt(Date.now() + signerAhead, 24 * hour));
  const { own, world } = aNode();
  Object.assign(world, { signerAhead, signer, trusted: signer.certificate });
  await vi.waitFor(() => expect(own.current()).toBeDefined(), 20_000);
  world.now += hour / 2;
  await looked(world);
  expect(world.asked).toBe(1);
  world.now += hour / 4;
  await vi.waitFor(() => expect(world.asked).toBe(2), 20_000);
  await looked(world);
  expect(world.asked).toBe(2);
});

test("where nothing else is said, the time since the node's boot counts, whatever the time of day is set to", async () => {
  const { own, world } = aNode({ byDefault: true });
  await vi.waitFor(() => expect(own.current()).toBeDefined(), 20_000);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 365 * 24 * hour });
  await looked(world);
  expect(world.asked).toBe(1);
});

test("while it cannot be renewed the old one goes on being shown", async () => {
  const { own, world } = aNode();
  await vi.waitFor(() => expect(own.current()).toBeDefined(), 20_000);
  const before = own.current();
  world.refuses = true;
  world.now += 2 * hour;
  await vi.waitFor(() => expect(world.asked).toBeGreaterThan(1), 20_000);
  expect(own.current()).toBe(before);
});

test("it is asked for anew when its authority is trusted no more, and once only when that does not help", async () => {
  const { own, world } = aNode();
  await vi.waitFor(() => expect(own.current()).toBeDefined(), 20_000);
  // The next authority is announced.
  world.trusted = second.certificate + first.certificate;
  await looked(world);
  expect(world.asked).toBe(1);
  // It was lost, and the controller began with another one.
  world.trusted = second.certificate;
  world.signer = second;
  await vi.waitFor(() => expect(isSignedBy(own, second)).toBe(true), 20_000);
  // The Secret is kept by others, who trust their own authority.
  world.trusted = first.certificate;
  await vi.waitFor(() => expect(world.asked).toBe(3), 20_000);
  await looked(world);
  expect(world.asked).toBe(3);
});

test("a certificate of another node is not taken", async () => {
  const { own, world } = aNode();
  await vi.waitFor(() => expect(own.current()).toBeDefined(), 20_000);
  const before = own.current();
  world.name = "node-2";
  world.now += hour;
  // It asks again, as what it got is of no use.
  await vi.waitFor(() => expect(world.asked).toBeGreaterThan(2), 20_000);
  expect(own.current()).toBe(before);
});

test("over years of new authorities, the controller believes each certificate that a daemon shows", async () => {
  const day = 24 * hour;
  let authorities: Authorities = await advanced(undefined, defaultPolicy, Date.now());
  const world = { now: Date.now(), looks: 0, bundle: authorities.bundle };
  const own = new OwnCertificate({
    node: "node-1",
    async obtain(request) {
      const { publicKey } = new x509.Pkcs10CertificateRequest(request);
      const validity = validityAt(world.now, defaultPolicy.certificate);
      return certify(authorities.current, daemonSubject("node-1"), validity, publicKey);
    },
    async authorities() {
      world.looks += 1;
      return world.bundle;
    },
    lookEvery: 1,
    now: () => world.now,
  });
  const running = own.run(ending.signal);
  await vi.waitFor(() => expect(own.current()).toBeDefined(), 20_000);
  const issuers = new Set<string>();
  for (const until = world.now + 800 * day; world.now < until; world.now += 5 * day) {
    // As a kubelet that hands the Secret on late.
    const late = authorities.bundle;
    authorities = await advanced(authorities, defaultPolicy, world.now);
    world.bundle = late;
    await looked(world);
    const certificate = shown(own);
    expect(certificate.validToDate.getTime()).toBeGreaterThan(world.now);
    const believed = certificatesOf(authorities.bundle).some((pem) => certificate.verify(createPublicKey(pem)));
    expect([new Date(world.now).toISOString(), believed]).toEqual([new Date(world.now).toISOString(), true]);
    issuers.add(certificate.issuer);
  }
  expect(issuers.size).toBeGreaterThanOrEqual(3);
  ending.abort();
  await running;
});
