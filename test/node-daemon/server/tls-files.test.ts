import { rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { readTlsFiles } from "../../../node-daemon/server/tls-files.ts";
import { makeCertificates } from "../../e2e/relay/certificates.ts";
import { inNamespace, noWatches } from "../in-namespace.ts";

test("where the node has no more watches to give, renewed files are found by looking at times", async () => {
  const output = await inNamespace(
    noWatches,
    `
    import { rm } from "node:fs/promises";
    import { dirname } from "node:path";
    import { makeCertificates } from "@/test/e2e/relay/certificates.ts";
    import { readTlsFiles, watchTlsFiles } from "@/node-daemon/server/tls-files.ts";

    const { serverFolder, renew } = await makeCertificates();
    const known = await readTlsFiles(serverFolder);
    const changed = Promise.withResolvers();
    const log = (_, message, { error }) => error?.code && console.log(message, error.code);
    const test = new AbortController();
    watchTlsFiles(serverFolder, known, changed.resolve, { signal: test.signal, log, interval: 20 });
    // The looks alone keep no process.
    const timer = setTimeout(() => changed.resolve(known), 20_000);
    await renew();
    const { cert } = await changed.promise;
    console.log(cert === known.cert ? "as before" : "renewed");
    clearTimeout(timer);
    test.abort();
    await rm(dirname(serverFolder), { recursive: true });
  `,
  );
  expect(output).toBe("TLS folder not watched ENOSPC\nrenewed");
});

test("files of which a writer has emptied one are not used", async () => {
  const certificates = await makeCertificates();
  const { serverFolder } = certificates;
  for (const name of ["ca.crt", "tls.crt", "tls.key"]) {
    await writeFile(join(serverFolder, name), "");
    await expect(readTlsFiles(serverFolder)).rejects.toThrow("is empty");
    await certificates.renew();
  }
  await rm(dirname(serverFolder), { recursive: true });
});
