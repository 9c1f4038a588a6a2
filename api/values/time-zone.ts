/** The pattern of names in the tz database. Other forms that programs accept, such as `+02:00`, are not zone names. */
export const timeZonePattern = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/;

/** Whether this program knows a time zone by that name, such as `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  return timeZonePattern.test(name) && formatOf(name) !== undefined;
}

/** Seconds that a zone's time is ahead of UTC at a time; undefined for a zone that this program does not know. */
export function zoneOffset(name: string, at: Date): number | undefined {
  const parts = isTimeZone(name) ? formatOf(name)?.formatToParts(at) : undefined;
  const text = parts?.find(({ type }) => type === "timeZoneName")?.value;
  if (text === undefined) return undefined;
  // Such as `GMT`, `GMT-03:30` and, for old dates, `GMT+00:53:28`.
  const [, sign, hours = 0, minutes = 0, seconds = 0] = /^GMT(?:([+-])(\d+):(\d+)(?::(\d+))?)?$/.exec(text) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
