import { guestBounds } from "../../api/contract/guest-bounds.ts";

/** What a guest says, as much of it as a status may have. */
export function clipped(text: string, most: number = guestBounds.text): string {
  // Half a character at the end would come back as another one, and be written anew each time.
  return text.slice(0, most).toWellFormed();
}
