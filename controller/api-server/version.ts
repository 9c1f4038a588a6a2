import { arch, platform, version as runtime } from "node:process";

/** The level of KubeVirt's API that is served; clients compare their own version with it. */
export const apiLevel = "v1.9.0";

/** How this program was built; `deploy/bundle.ts` fills in what it knows. */
export interface Build {
  readonly commit: string;
  readonly date: string;
}

/** What `virtctl version` reads: `gitVersion` has to look like `vX.Y.Z`. */
export function versionInfo({ commit, date }: Build): Readonly<Record<string, string>> {
  return {
    gitVersion: apiLevel,
    gitCommit: commit,
    gitTreeState: "clean",
    buildDate: date,
    goVersion: `node ${runtime}`,
    compiler: "node",
    platform: `${platform}/${arch === "x64" ? "amd64" : arch}`,
  };
}
