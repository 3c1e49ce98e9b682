/**
 * @file The grammar of the generated film reviews. A verdict has two slots, one for a good word and one for a bad word, and
 * its frame says which slot decides. Exchanging the two words turns the sentiment round and keeps every word. (Words as
 * a tokenizer parts them: with the full stop still on it, the last word of a review would give its place away.)
 */
import type { Random } from "@seqloom/core";

/** Two reviews of the same words, told apart by their order alone. */
export interface ReviewPair {
  readonly positive: string;
  readonly negative: string;
}

/** A verdict: `{first}` and `{second}` are the slots, `{x}` and `{y}` two different things about a film. */
interface Frame {
  readonly text: string;
  readonly decides: "first" | "second";
  readonly words: "adjective" | "article" | "verb" | "adverb";
}

const FRAMES: readonly Frame[] = [
  { text: "the {x} was {first} but the {y} was {second}", decides: "second", words: "adjective" },
  { text: "the {x} is {first}, but the {y} is {second}", decides: "second", words: "adjective" },
  { text: "although the {x} was {first}, the {y} was {second}", decides: "second", words: "adjective" },
  { text: "the {x} was {first} although the {y} was {second}", decides: "first", words: "adjective" },
  { text: "even though the {x} seemed {first}, the {y} was {second}", decides: "second", words: "adjective" },
  { text: "the {x} was {first} even though the {y} seemed {second}", decides: "first", words: "adjective" },
  { text: "the {x} was not {first}, it was {second}", decides: "second", words: "adjective" },
  { text: "the {x} was {first}, not {second}", decides: "first", words: "adjective" },
  { text: "the {x} is anything but {first}, and the {y} is {second}", decides: "second", words: "adjective" },
  { text: "the {x} is {first}, and the {y} is anything but {second}", decides: "first", words: "adjective" },
  { text: "instead of {first}, the {x} was {second}", decides: "second", words: "adjective" },
  { text: "the {x} was {first} instead of {second}", decides: "first", words: "adjective" },
  { text: "the film started {first} and ended {second}", decides: "second", words: "adjective" },
  { text: "the film ended {second} after a start that was {first}", decides: "second", words: "adjective" },
  { text: "I expected {first} film and got {second} one", decides: "second", words: "article" },
  { text: "I got {first} film where I expected {second} one", decides: "first", words: "article" },
  { text: "this is {first} film, not {second} one", decides: "first", words: "article" },
  { text: "this is not {first} film but {second} one", decides: "second", words: "article" },
  { text: "some will {first} the {x}, but I {second} it", decides: "second", words: "verb" },
  { text: "I {first} the {x}, whatever those who {second} it may say", decides: "first", words: "verb" },
  { text: "the {x} works {first} and the {y} only seems to work {second}", decides: "first", words: "adverb" },
  { text: "what looked {first} in the trailer was {second} in the cinema", decides: "second", words: "adjective" },
];

/** Good and bad words; the two of a review are drawn independently, so no pair of words tells anything. */
const WORDS: Readonly<Record<Frame["words"], readonly [good: readonly string[], bad: readonly string[]]>> = {
  adjective: [
    [
      "wonderful",
      "brilliant",
      "gripping",
      "funny",
      "moving",
      "clever",
      "charming",
      "superb",
      "delightful",
      "convincing",
    ],
    ["terrible", "dull", "clumsy", "boring", "silly", "awful", "weak", "lifeless", "tedious", "dreadful"],
  ],
  article: [
    ["a wonderful", "a brilliant", "a gripping", "a funny", "a moving", "a clever", "an inspired", "an elegant"],
    ["a terrible", "a dull", "a clumsy", "a boring", "a silly", "a weak", "an awful", "an empty"],
  ],
  verb: [
    ["love", "adore", "admire", "enjoy", "praise"],
    ["hate", "dislike", "despise", "loathe", "resent"],
  ],
  adverb: [
    ["beautifully", "brilliantly", "perfectly"],
    ["badly", "poorly", "terribly"],
  ],
};

const THINGS: readonly string[] = [
  "acting",
  "plot",
  "ending",
  "music",
  "dialogue",
  "script",
  "story",
  "camera work",
  "first half",
  "last act",
  "opening scene",
  "main character",
  "villain",
  "humour",
  "romance",
  "pacing",
  "editing",
  "soundtrack",
];

/** Said before the verdict: nothing about the film's worth. */
const OPENERS: readonly string[] = ["Honestly,", "In short,", "To my mind,", "For me,", "All in all,", "As I see it,"];

/** Whole sentences beside the verdict, as neutral. */
const ASIDES: readonly string[] = [
  "We saw it on a Sunday.",
  "My sister chose it.",
  "It runs for two hours.",
  "The cinema was half full.",
  "It is based on a book.",
  "I had seen the trailer.",
  "It was filmed in Lisbon.",
  "We went with friends from work.",
  "There is a scene after the credits.",
  "It is the second film of the series.",
];

/** One more pair, or undefined when the words drawn do not fit between `least` and `most`. */
export function mirroredPair(random: Random, least: number, most: number): ReviewPair | undefined {
  const frame = random.pick(FRAMES);
  const [good, bad] = WORDS[frame.words];
  const [x, y] = distinct(random);
  const words = [random.pick(good), random.pick(bad)] as const;
  const opener = random.integer(3) === 0 ? random.pick(OPENERS) : "";
  const write = (first: string, second: string): string => {
    const verdict = frame.text
      .replace("{x}", x)
      .replace("{y}", y)
      .replace("{first}", first)
      .replace("{second}", second);
    return opener === "" ? `${verdict[0].toUpperCase()}${verdict.slice(1)}.` : `${opener} ${verdict}.`;
  };
  const target = least + random.integer(most - least + 1);
  const around = asides(random, write(...words), target);
  const positive = around(frame.decides === "first" ? write(words[0], words[1]) : write(words[1], words[0]));
  const negative = around(frame.decides === "first" ? write(words[1], words[0]) : write(words[0], words[1]));
  const count = countWords(positive);
  return count < least || count > most ? undefined : { positive, negative };
}

/** Asides before and after the verdict until there are about `target` words, the same for both reviews of a pair. */
function asides(random: Random, verdict: string, target: number): (verdict: string) => string {
  const before: string[] = [];
  const after: string[] = [];
  let count = countWords(verdict);
  for (const place of random.permutation(ASIDES.length)) {
    const aside = ASIDES[place];
    if (count + countWords(aside) > target) continue;
    (random.integer(2) === 0 ? before : after).push(aside);
    count += countWords(aside);
  }
  return (verdict) => [...before, verdict, ...after].join(" ");
}

function distinct(random: Random): readonly [string, string] {
  const first = random.integer(THINGS.length);
  const second = random.integer(THINGS.length - 1);
  return [THINGS[first], THINGS[second < first ? second : second + 1]];
}

function countWords(text: string): number {
  return text.split(" ").length;
}
