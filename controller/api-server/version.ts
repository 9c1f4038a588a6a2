import { arch, platform, version as runtime } from "node:process";
import { version } from "../../api/version.ts";

/** The level of KubeVirt's API that is served; clients compare their own version with it. */
export const apiLevel = "v1.9.0";

/** Of which commit (`-dirty`: and more), and when that was. */
export interface Build {
  readonly commit: string;
  readonly date: string;
}

/** How this program was built. From the source tree nobody knows, and a bundle has it written in. */
export const thisBuild: Build = {
  commit: process.env.BUILD_COMMIT || "unknown",
  date: process.env.BUILD_DATE || "1970-01-01T00:00:00Z",
};

/** What `virtctl version` reads: `gitVersion` has to look like `vX.Y.Z`. `addOnVersion` is ours. */
export function versionInfo({ commit, date }: Build): Readonly<Record<string, string>> {
  return {
    gitVersion: apiLevel,
    addOnVersion: version,
    gitCommit: commit.replace(/-dirty$/, ""),
    gitTreeState: commit.endsWith("-dirty") ? "dirty" : "clean",
    buildDate: date,
    goVersion: `node ${runtime}`,
    compiler: "node",
    platform: `${platform}/${arch === "x64" ? "amd64" : arch}`,
  };
}
