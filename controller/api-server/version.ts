import { arch, platform, version as runtime } from "node:process";
import { version } from "../../api/version.ts";

/** The level of KubeVirt's API that we serve; clients compare their own version with it. */
export const apiLevel = "v1.9.0";

/** The commit (with `-dirty` if the tree had other changes), and its date. */
export interface Build {
  readonly commit: string;
  readonly date: string;
}

/** The build of this program. The bundler writes it in; in the source tree it is unknown. */
export const thisBuild: Build = {
  commit: process.env.BUILD_COMMIT || "unknown",
  date: process.env.BUILD_DATE || "1970-01-01T00:00:00Z",
};

/** The answer for `virtctl version`: `gitVersion` must look like `vX.Y.Z`. `addOnVersion` is ours. */
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
