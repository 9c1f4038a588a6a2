import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { type Authorities, advanced } from "../../../controller/certificates/authorities.ts";
import { skew } from "../../../controller/certificates/authority.ts";
import { certificatesOf } from "../../../controller/certificates/inspect.ts";
import { renewed } from "../../../controller/certificates/leaf.ts";
import { checked, defaultPolicy } from "../../../controller/certificates/policy.ts";
import { subjects } from "../../../controller/certificates/subjects.ts";

const day = 86_400_000;
const start = Date.parse("2026-01-01T00:00:00Z");
const policy = defaultPolicy;
const at = (authorities: Authorities | undefined, days: number): Promise<Authorities> =>
  advanced(authorities, policy, start + days * day);

test("the next authority is announced, then signs, and the old one is trusted until its end", async () => {
  const first = await at(undefined, 0);
  expect(await at(first, 100)).toBe(first);
  const announced = await at(first, 250);
  expect([announced.current, certificatesOf(announced.bundle).length]).toEqual([first.current, 2]);
  expect(await at(announced, 250)).toBe(announced);
  const changed = await at(announced, 251);
  expect([changed.current, changed.next]).toEqual([announced.next, undefined]);
  expect(certificatesOf(changed.bundle)).toHaveLength(2);
  expect(certificatesOf((await at(changed, 366)).bundle)).toHaveLength(1);
});

test("authorities that have ended while nobody looked are made anew", async () => {
  const first = await at(undefined, 0);
  const late = await at(first, 1000);
  expect(late.current).not.toEqual(first.current);
  expect(certificatesOf(late.bundle)).toHaveLength(1);
});

test("a certificate is kept for two thirds of its life, and never outlives its authority", async () => {
  const authorities = await at(undefined, 0);
  const subject = subjects("virt-api", "kubevirt").server;
  const pair = await renewed(undefined, subject, authorities, policy, start);
  expect(await renewed(pair, subject, authorities, policy, start + 19 * day)).toBe(pair);
  expect(await renewed(pair, subject, authorities, policy, start + 21 * day)).not.toBe(pair);
  expect(await renewed(pair, { ...subject, names: ["other"] }, authorities, policy, start)).not.toBe(pair);
  expect(await renewed({ ...pair, key: authorities.current.key }, subject, authorities, policy, start)).not.toBe(pair);
  const strangers = await at(undefined, 0);
  expect(await renewed(pair, subject, strangers, policy, start)).not.toBe(pair);
  const late = await renewed(undefined, subject, authorities, policy, start + 360 * day);
  const [ending, authority] = [late, authorities.current].map(({ certificate }) => new X509Certificate(certificate));
  expect(ending?.validTo).toBe(authority?.validTo);
  expect(ending?.validFromDate.getTime()).toBe(start + 360 * day - skew);
});

test("a policy under which certificates outlive the trust in them is refused", () => {
  expect(() => checked({ authority: 90 * day, certificate: 40 * day, announcement: 0 })).toThrow(
    /need an authority of/,
  );
});
