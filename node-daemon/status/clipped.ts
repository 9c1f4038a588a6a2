import { guestBounds } from "../../api/contract/guest-bounds.ts";

/** Text from a guest, cut to the length that a status may have. */
export function clipped(text: string, most: number = guestBounds.text): string {
  // The API server would replace half a character at the end, and the daemon would write the text again each time.
  return text.slice(0, most).toWellFormed();
}
