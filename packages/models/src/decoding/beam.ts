/** Outputs so far; those that begin alike share their beginning. */
interface Prefix {
  readonly output: number;
  readonly before: Prefix | null;
  readonly next: Map<number, Prefix>;
  /** Probability of the paths that say this and end in the blank, or in the last output. */
  blank: number;
  label: number;
  /** The same one step later, while that is computed. */
  nextBlank: number;
  nextLabel: number;
  /** The step that {@link nextBlank} and {@link nextLabel} are of. */
  step: number;
}

/**
 * The most probable labelling that a beam of so many prefixes finds (Graves 2012, section 7.5.3; Hannun and others 2014, without a
 * language model): unlike the best path, it adds up the paths that say the same. Probabilities are scaled step by step, so that
 * no logarithm is needed and the result is the same on every machine. Of equals the one found first.
 * @param probabilities `[frames, width]`, row by row
 */
export function beamSearch(
  probabilities: ArrayLike<number>,
  frames: number,
  width: number,
  blank: number,
  beamWidth: number,
): Int32Array {
  let beam: Prefix[] = [{ ...newPrefix(blank, null), blank: 1 }];
  for (let frame = 0; frame < frames; frame++) {
    const found: Prefix[] = [];
    const reach = (prefix: Prefix): Prefix => {
      if (prefix.step !== frame) {
        prefix.step = frame;
        prefix.nextBlank = 0;
        prefix.nextLabel = 0;
        found.push(prefix);
      }
      return prefix;
    };
    for (const prefix of beam) {
      const total = prefix.blank + prefix.label;
      for (let output = 0; output < width; output++) {
        const chance = probabilities[frame * width + output];
        if (chance === 0) continue;
        if (output === blank) {
          reach(prefix).nextBlank += total * chance;
          continue;
        }
        const isRepeat = prefix.before !== null && output === prefix.output;
        if (isRepeat) reach(prefix).nextLabel += prefix.label * chance;
        const share = isRepeat ? prefix.blank : total;
        if (share > 0) reach(longer(prefix, output)).nextLabel += share * chance;
      }
    }
    for (const prefix of found) [prefix.blank, prefix.label] = [prefix.nextBlank, prefix.nextLabel];
    // A stable sort: of equals the first stays first.
    beam = found.sort((a, b) => b.blank + b.label - (a.blank + a.label)).slice(0, beamWidth);
    const scale = beam[0] === undefined ? 1 : beam[0].blank + beam[0].label;
    for (const prefix of beam) {
      prefix.blank /= scale;
      prefix.label /= scale;
    }
  }
  const said: number[] = [];
  for (let prefix = beam[0]; prefix?.before != null; prefix = prefix.before) said.push(prefix.output);
  return Int32Array.from(said.reverse());
}

function newPrefix(output: number, before: Prefix | null): Prefix {
  return { output, before, next: new Map(), blank: 0, label: 0, nextBlank: 0, nextLabel: 0, step: -1 };
}

function longer(prefix: Prefix, output: number): Prefix {
  const known = prefix.next.get(output);
  if (known !== undefined) return known;
  const made = newPrefix(output, prefix);
  prefix.next.set(output, made);
  return made;
}
