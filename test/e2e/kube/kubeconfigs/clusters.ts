import { type KubeconfigCase, ofCluster } from "./builders.ts";

/** Cases about clusters, and how the client verifies their servers. */
export const clusters: Readonly<Record<string, KubeconfigCase>> = {
  "a name that its certificate has": ofCluster(() => ({ "tls-server-name": "localhost" })),
  "an address that its certificate has": ofCluster(() => ({ "tls-server-name": "127.0.0.1" })),
  "a name that its certificate has not": ofCluster(() => ({ "tls-server-name": "other.example.com" })),
  "an address that its certificate has not": ofCluster(() => ({ "tls-server-name": "10.9.8.7" })),
  "no authority": ofCluster(() => ({ "certificate-authority-data": null })),
  "no authority, but one of the machine's": {
    ...ofCluster(() => ({ "certificate-authority-data": null })),
    env: { SSL_CERT_FILE: "FOLDER/ca.crt" },
  },
  "no authority, which is not asked for": ofCluster(() => ({
    "certificate-authority-data": null,
    "insecure-skip-tls-verify": true,
  })),
  "a file of an authority that is missing": ofCluster(() => ({
    "certificate-authority-data": null,
    "certificate-authority": "none",
  })),
  "a path": ofCluster(({ server }) => ({ server: `${server}/` })),
  "no scheme": ofCluster(({ server }) => ({ server: server.replace("https://", "") })),
  "no server": ofCluster(() => ({ server: "" })),
  "a proxy that nobody knows": ofCluster(() => ({ "proxy-url": "ftp://127.0.0.1:1" })),
  "a proxy that is not there": ofCluster(() => ({ "proxy-url": "http://127.0.0.1:1" })),
};
