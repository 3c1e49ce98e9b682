import { bytes } from "../format.js";
import { type Html, html } from "../html.js";

/** Bytes of sounds and pictures that a report holds at most, and of one of them: it must still open at once, and go by mail. */
const ALL = 3_000_000;
export const LARGEST = 600_000;

/** What a report may still hold. */
export class Room {
  #left = ALL;

  /** Whether there is room for so many bytes, which are then taken. */
  take(size: number): boolean {
    if (size > LARGEST || size > this.#left) return false;
    this.#left -= size;
    return true;
  }
}

/** A player for a sound that is in the page itself, or words where there is no room. */
export function player(name: string, mediaType: string, sound: Uint8Array, room: Room): Html {
  if (!room.take(sound.length)) {
    return html`<p class="muted small">${name} is not in the report, which holds ${bytes(ALL)} of sounds at most, ${bytes(LARGEST)} each.</p>`;
  }
  return html`<audio controls preload="metadata" aria-label="${name}" src="${dataUri(mediaType, sound)}"></audio>`;
}

/** The address of something by its own content. */
export function dataUri(mediaType: string, content: Uint8Array): string {
  return `data:${mediaType};base64,${Buffer.from(content).toString("base64")}`;
}
