import { expect, test } from "vitest";
import { isTimeZone, zoneOffset } from "../../../api/values/time-zone.ts";

const winter = new Date("2026-01-15T12:00:00Z");
const summer = new Date("2026-07-15T12:00:00Z");
const hours = 3600;

test.each([
  ["UTC", 0, 0],
  ["Europe/Berlin", 1 * hours, 2 * hours],
  ["US/Eastern", -5 * hours, -4 * hours],
  ["Asia/Kathmandu", 5.75 * hours, 5.75 * hours],
  ["America/St_Johns", -3.5 * hours, -2.5 * hours],
  ["America/Argentina/Buenos_Aires", -3 * hours, -3 * hours],
  ["Etc/GMT-14", 14 * hours, 14 * hours],
  ["Australia/Lord_Howe", 11 * hours, 10.5 * hours],
])("the time of %s is so many seconds ahead in January and in July", (name, inJanuary, inJuly) => {
  expect(zoneOffset(name, winter)).toBe(inJanuary);
  expect(zoneOffset(name, summer)).toBe(inJuly);
});

test.each(["", "Local", "Europe/Berln", "+02:00", "02:00", "localtime", "/etc/localtime", "Europe/../UTC"])(
  "%j is the name of no time zone",
  (name) => {
    expect(isTimeZone(name)).toBe(false);
    expect(zoneOffset(name, winter)).toBeUndefined();
  },
);

test("each zone has a name that is taken for one", () => {
  expect(Intl.supportedValuesOf("timeZone").filter((name) => !isTimeZone(name))).toEqual([]);
});
