import { join } from "node:path";
import { execa } from "execa";
import { assert, integer, pre, property, uniqueArray, uuid } from "fast-check";
import { expect, test } from "vitest";
import {
  defaultUsers,
  freeUser,
  isMachineUser,
  parseUserRange,
} from "../../../node-daemon/instance/machine-user-range.ts";

test.for([
  ["", '"" is no range of users, such as 2100000000-2100065535'],
  ["2100000000", '"2100000000" is no range of users'],
  ["0-70000", '"0-70000": machines\' users are to be from 65536 to 4294967294'],
  ["2100000000-4294967295", "are to be from 65536 to 4294967294"],
  ["70001-70000", '"70001-70000" ends before it begins'],
])("the range %j is refused", ([text, message]) => {
  expect(() => parseUserRange(text!)).toThrow(message);
});

test.for(["--qemu-users=0-70000", "QEMU_USERS=0-70000"])(
  "the daemon does not start with %s, and says why",
  async (how) => {
    const [flag, value] = how.split("=");
    const main = join(import.meta.dirname, "../../../node-daemon/main.ts");
    const options = how.startsWith("--") ? { args: [how], env: {} } : { args: [], env: { [flag!]: value } };
    const run = execa(process.execPath, [main, ...options.args], { env: options.env, reject: false, timeout: 20_000 });
    const { exitCode, stderr } = await run;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/--qemu-users.*"0-70000": machines' users are to be from 65536/);
    expect(stderr).toContain(flag);
  },
);

test("the default range has a user for each machine that a node can have", () => {
  const { first, last } = parseUserRange(defaultUsers);
  expect(last - first).toBe(65_535);
});

test("a machine is given a user of the range that nobody has, as long as there is one", () => {
  const range = { first: 70_000, last: 70_009 };
  assert(
    property(uuid(), uniqueArray(integer({ min: 69_990, max: 70_019 }), { maxLength: 30 }), (of, list) => {
      const taken = new Set(list);
      const free = Array.from({ length: 10 }, (_, index) => 70_000 + index).filter((user) => !taken.has(user));
      pre(free.length > 0);
      expect(free).toContain(freeUser(range, of, taken));
    }),
  );
});

test("a machine is refused where all users are somebody's", () => {
  const taken = new Set([70_000, 70_001]);
  const message = "all users of machines, 70000 to 70001, are taken";
  expect(() => freeUser({ first: 70_000, last: 70_001 }, "u", taken)).toThrow(message);
});

test("the users of KubeVirt, of root and of the nobodies are no machine's", () => {
  const range = parseUserRange(defaultUsers);
  for (const user of [0, 107, 65_534, 65_535]) expect(isMachineUser(range, user)).toBe(false);
  expect(isMachineUser(range, range.first)).toBe(true);
  expect(isMachineUser(range, range.last)).toBe(true);
});
