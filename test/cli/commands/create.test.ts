import { expect, test } from "vitest";
import { useCommandLine } from "../command-line.ts";

const virt = useCommandLine();

test.for([[[]], [["--image", ""]], [["--image="]], [["--image", " \t"]]] as const)(
  "without an image no machine is made: %j",
  async ([flags]) => {
    for (const dryRun of ["--dry-run=none", "--dry-run=client"]) {
      expect(await virt.run("create", "web", ...flags, dryRun)).toEqual({
        code: 1,
        stdout: "",
        stderr: 'error: required flag "image" not set: the image that holds the root disk\n',
      });
    }
    expect(virt.api.requests).toEqual([]);
  },
);
