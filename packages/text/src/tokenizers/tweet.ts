import { EMOJI, isInvisible, REST, WORD } from "./patterns.js";

const URL =
  '(?:https?://|www\\.)[^\\s<>"]*[\\p{L}\\p{N}/_=&#~-]|(?:[\\p{L}\\p{N}-]{1,63}\\.){1,8}\\p{L}{2,24}/[^\\s<>"]*[\\p{L}\\p{N}/_=&#~-]';
const EMAIL = "[\\p{L}\\p{N}_.+-]{1,64}@[\\p{L}\\p{N}-]{1,63}(?:\\.[\\p{L}\\p{N}-]{1,63}){1,8}";
const MENTION = "(?<![\\p{L}\\p{N}_])@[\\p{L}\\p{N}_]+";
const HASHTAG = "[#＃][\\p{L}\\p{N}\\p{M}_]*[\\p{L}\\p{M}][\\p{L}\\p{N}\\p{M}_]*";
const ENTITY = "&(?:#\\d+|#x[\\da-f]+|[a-z]{2,8});";
const NO_LETTER = "(?![\\p{L}\\p{N}])";
/** Emoticons; one that ends in a letter or begins after one would be part of a word. */
const FACES = [
  `[<>]?[:;=]['’]?[-o*^~]?(?:[)(\\]\\[|/\\\\*@$}{]+|[dpso3]${NO_LETTER}|[<>])`, // eyes, nose, mouth
  "\\(+[-o*^~]?['’]?[:;=]", // looking to the left
  `x-?d+${NO_LETTER}`,
  "8-?\\)",
  "\\^[_.-]?\\^",
  "-_+-",
  `o[._]o${NO_LETTER}`,
  `t_t${NO_LETTER}`,
  "¯\\\\_\\(ツ\\)_/¯",
];
const HEART = "<+/?3+";
const EMOTICON = `(?:(?<![\\p{L}\\p{N}])(?:${FACES.join("|")})|${HEART})`;

const TOKEN = new RegExp([URL, EMAIL, MENTION, HASHTAG, ENTITY, EMOTICON, EMOJI, WORD, REST].join("|"), "gisu");
const FACE = new RegExp(`^${EMOTICON}$`, "iu");
const PLAIN = /^[A-Za-z]+$/;

/**
 * Tokens of a chunk as people write in short messages: URLs, e-mail addresses, @mentions, #hashtags, emoticons, emoji and
 * HTML entities stay whole; the rest is split as {@link splitWords} does.
 */
export function splitTweet(chunk: string): readonly string[] {
  if (PLAIN.test(chunk)) return [chunk];
  return (chunk.match(TOKEN) ?? []).filter((token) => !isInvisible(token));
}

/** Whether a token is an emoticon such as ":-)" or "<3". */
export function isEmoticon(token: string): boolean {
  return FACE.test(token);
}
