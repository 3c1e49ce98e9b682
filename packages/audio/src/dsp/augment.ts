import { resample } from "./resample.js";

/** A clip played faster (above 1) or slower, with its pitch, as a tape would; `speed` is taken to one hundredth. */
export function atSpeed(signal: Float32Array, width: number, speed: number): Float32Array {
  const hundredths = Math.round(100 * speed);
  if (hundredths === 100) return signal;
  if (width === 1) return resample(signal, hundredths, 100);
  const channels = Array.from({ length: width }, (_, channel) =>
    resample(
      Float32Array.from({ length: signal.length / width }, (_, i) => signal[i * width + channel]),
      hundredths,
      100,
    ),
  );
  const out = new Float32Array(channels[0].length * width);
  for (const [channel, values] of channels.entries()) {
    for (let i = 0; i < values.length; i++) out[i * width + channel] = values[i];
  }
  return out;
}

/** A clip so many samples later (earlier, if below 0), as long as it was: silence comes in, what is moved out is lost. */
export function shifted(signal: Float32Array, width: number, samples: number): Float32Array {
  const out = new Float32Array(signal.length);
  const by = samples * width;
  if (by >= 0) out.set(signal.subarray(0, Math.max(0, signal.length - by)), Math.min(by, signal.length));
  else out.set(signal.subarray(Math.min(-by, signal.length)));
  return out;
}

/**
 * A clip with noise added, so much weaker than the clip as the ratio of their powers says, in decibels. Silence stays silent:
 * it has no power to compare with.
 * @param next the next number of the noise, of deviation 1.
 */
export function withNoise(signal: Float32Array, decibels: number, next: () => number): Float32Array {
  let power = 0;
  for (const value of signal) power += value * value;
  if (power === 0) return signal;
  const level = Math.sqrt(power / signal.length) * 10 ** (-decibels / 20);
  return signal.map((value) => value + level * next());
}
