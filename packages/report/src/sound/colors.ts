/** @file Colours of spectrograms: from dark to bright, each step as much brighter as the last, so that a print in grey reads the same. */

/** The colour map "magma" of Smith and van der Walt (CC0), at ten places. */
const STOPS = [
  0x000004, 0x180f3d, 0x440f76, 0x721f81, 0x9e2f7f, 0xcd4071, 0xf1605d, 0xfd9668, 0xfeca8d, 0xfcfdbf,
] as const;

/** Colours of a palette: as many as a byte tells apart would only make files larger. */
export const COLORS = 64;

/** Red, green and blue of each colour, 0 … 255, one after the other. */
export const PALETTE: Uint8Array = Uint8Array.from({ length: 3 * COLORS }, (_, i) => {
  const [color, channel] = [Math.floor(i / 3), i % 3];
  const place = (color / (COLORS - 1)) * (STOPS.length - 1);
  const below = Math.min(Math.floor(place), STOPS.length - 2);
  const [from, to] = [STOPS[below], STOPS[below + 1]].map((stop) => (stop >> (16 - 8 * channel)) & 0xff);
  return Math.round(from + (to - from) * (place - below));
});
