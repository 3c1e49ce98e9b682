/** @file The telephone codecs A-law and µ-law (ITU-T Recommendation G.711): eight bits on a scale of chords. */

/** The 256 values of A-law, 1 being full scale. */
export function aLawTable(): Float32Array {
  return table((code) => {
    const bits = code ^ 0x55;
    const chord = (bits >> 4) & 7;
    const step = ((bits & 15) << 4) + 8;
    const size = chord === 0 ? step : (step + 0x100) << (chord - 1);
    return bits & 0x80 ? size : -size;
  });
}

/** The 256 values of µ-law, 1 being full scale. */
export function muLawTable(): Float32Array {
  return table((code) => {
    const bits = ~code & 0xff;
    const size = ((((bits & 15) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84;
    return bits & 0x80 ? -size : size;
  });
}

function table(of: (code: number) => number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, code) => of(code) / 32_768);
}
