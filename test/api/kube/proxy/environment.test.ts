import { expect, test } from "vitest";
import { environmentProxy } from "../../../../api/kube/proxy/environment.ts";
import { environmentCases, proxy } from "./environment-cases.ts";

// test/e2e/kube/proxy.test.ts asks kubectl the same.
test.for(environmentCases)("with %j, %s goes through the proxy: %s", ([env, server, isProxied]) => {
  expect(environmentProxy(new URL(server), env)?.host).toBe(isProxied ? proxy : undefined);
});

test("whoever asks a CGI program something names it no proxy", () => {
  const env = { HTTP_PROXY: proxy, REQUEST_METHOD: "GET" };
  expect(() => environmentProxy(new URL("http://api.example.com"), env)).toThrow("refusing to use HTTP_PROXY");
});
