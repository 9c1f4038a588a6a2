/** The address of a proxy that does not exist. */
export const proxy = "127.0.0.1:9";

const to = "https://api.example.com:6443";

/** An environment, a server, and whether the client reaches that server through the proxy. */
export const environmentCases: readonly (readonly [env: Readonly<Record<string, string>>, server: string, boolean])[] =
  [
    // The variables and their spelling.
    [{ HTTPS_PROXY: `http://${proxy}` }, to, true],
    [{ https_proxy: `http://${proxy}` }, to, true],
    [{ HTTPS_PROXY: `socks5://${proxy}` }, to, true],
    [{ HTTPS_PROXY: `socks5h://${proxy}` }, to, true],
    [{ HTTPS_PROXY: proxy }, to, true],
    [{ HTTPS_PROXY: `jane:secret@${proxy}` }, to, true],
    [{ HTTPS_PROXY: `http://${proxy}`, https_proxy: "http://127.0.0.1:8" }, to, true],
    [{ HTTPS_PROXY: "", https_proxy: `http://${proxy}` }, to, true],
    [{ HTTP_PROXY: `http://${proxy}` }, to, false],
    [{ ALL_PROXY: `http://${proxy}` }, to, false],
    [{ HTTP_PROXY: proxy }, "http://api.example.com", true],
    [{ http_proxy: proxy }, "http://api.example.com", true],
    [{ HTTPS_PROXY: proxy }, "http://api.example.com", false],
    // No proxy is used for this computer.
    [{ HTTPS_PROXY: proxy }, "https://localhost:1", false],
    [{ HTTPS_PROXY: proxy }, "https://127.9.9.9:1", false],
    [{ HTTPS_PROXY: proxy }, "https://[::1]:1", false],
    // Names.
    ...(
      [
        ["*", false],
        ["other.org,*", false],
        ["api.example.com", false],
        ["API.Example.COM", false],
        ["example.com", false],
        [".example.com", false],
        ["*.example.com", false],
        [" other.org , example.com ", false],
        [",,example.com,", false],
        ["other.org example.com", true],
        [".api.example.com", true],
        ["*.api.example.com", true],
        ["ample.com", true],
        ["*ample.com", true],
        ["com", false],
        ["example.com:6443", false],
        ["example.com:443", true],
        ["api.example.com:", false],
        [":6443", true],
        ["https://api.example.com", true],
        ["10.0.0.0/8", true],
        ["", true],
      ] as const
    ).map(([list, isProxied]) => [{ HTTPS_PROXY: proxy, NO_PROXY: list }, to, isProxied] as const),
    [{ HTTPS_PROXY: proxy, no_proxy: "example.com" }, to, false],
    [{ HTTPS_PROXY: proxy, NO_PROXY: "other.org", no_proxy: "example.com" }, to, true],
    [{ HTTPS_PROXY: proxy, NO_PROXY: "example.com:443" }, "https://api.example.com", false],
    [{ HTTP_PROXY: proxy, NO_PROXY: "example.com:80" }, "http://api.example.com", false],
    [{ HTTPS_PROXY: proxy, NO_PROXY: "bücher.example" }, "https://bücher.example:6443", false],
    [{ HTTPS_PROXY: proxy, NO_PROXY: "xn--bcher-kva.example" }, "https://bücher.example:6443", false],
    // Addresses.
    ...(
      [
        ["10.1.2.3", "10.1.2.3", false],
        ["10.1.2.3:6443", "10.1.2.3", false],
        ["10.1.2.3:443", "10.1.2.3", true],
        ["10.0.0.0/8", "10.1.2.3", false],
        ["10.1.2.9/24", "10.1.2.3", false],
        ["10.1.2.128/25", "10.1.2.3", true],
        ["10.0.0.0/33", "10.1.2.3", true],
        ["10.0.0.0/8:6443", "10.1.2.3", true],
        ["2.3", "10.1.2.3", true],
        [".2.3", "10.1.2.3", true],
        ["fd00::/8", "[fd00::3]", false],
        ["fd00::3", "[fd00::3]", false],
        ["fd00:0::3", "[fd00::3]", false],
        ["[fd00::3]:6443", "[fd00::3]", false],
        ["[fd00::3]:443", "[fd00::3]", true],
        ["[fd00::3]", "[fd00::3]", true],
        ["fd00::4", "[fd00::3]", true],
        ["fd00::/8", "10.1.2.3", true],
        ["0.0.0.0/0", "[fd00::3]", true],
        ["10.0.0.0/8", "[::ffff:10.1.2.3]", false],
        ["::ffff:10.1.2.3", "10.1.2.3", false],
      ] as const
    ).map(
      ([list, host, isProxied]) => [{ HTTPS_PROXY: proxy, NO_PROXY: list }, `https://${host}:6443`, isProxied] as const,
    ),
  ];
