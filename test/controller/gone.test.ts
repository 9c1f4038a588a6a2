import { expect, test } from "vitest";
import { ApiError } from "../../api/kube/client/errors.ts";
import { instances, type VirtualMachineInstance } from "../../api/resources.ts";
import { failedAsGone } from "../../controller/gone.ts";

const { signal } = new AbortController();
const notFound = new ApiError(404, { reason: "NotFound" });
const metadata = { name: "a", namespace: "n", uid: "u" };

/** Whether a reconcile of instance `u` that failed with an error did so because `u` is gone, if its name has this UID now. */
async function isGone(error: unknown, uid: string | undefined): Promise<boolean> {
  const get = async (): Promise<never> => {
    if (uid === undefined) throw notFound;
    return { metadata: { ...metadata, uid } } as never;
  };
  return failedAsGone<VirtualMachineInstance>(error, { get }, instances, metadata, signal);
}

test("a reconcile that meets a 404 has failed, unless its own object is gone", async () => {
  expect(await isGone(notFound, undefined)).toBe(true);
  expect(await isGone(notFound, "another of its name")).toBe(true);
  expect(await isGone(notFound, "u")).toBe(false);
});

test("what is no 404 is a failure whether the object is gone or not", async () => {
  expect(await isGone(new ApiError(409, {}), undefined)).toBe(false);
  expect(await isGone(new Error("broken"), undefined)).toBe(false);
});
