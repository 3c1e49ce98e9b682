export { type NormaliseOptions, normaliser, type Treatment } from "./normalise.js";
export { askVectors } from "./stages/ask-vectors.js";
export { bagOfWords } from "./stages/bag-of-words.js";
export { characterCounts } from "./stages/character-counts.js";
export { debias } from "./stages/debias.js";
export { decode } from "./stages/decode.js";
export { decodeSubwords } from "./stages/decode-subwords.js";
export { embeddingMatrix } from "./stages/embedding-matrix.js";
export { encode } from "./stages/encode.js";
export { encodeWith } from "./stages/encode-with.js";
export { evaluateLemmas } from "./stages/evaluate-lemmas.js";
export { evaluateVectors } from "./stages/evaluate-vectors.js";
export { hashFeatures } from "./stages/hash-features.js";
export { htmlText } from "./stages/html-text.js";
export { lemmatize } from "./stages/lemmatize.js";
export { lemmatizeTagged } from "./stages/lemmatize-tagged.js";
export { loadTokenizer } from "./stages/load-tokenizer.js";
export { loadVectors } from "./stages/load-vectors.js";
export { nGrams } from "./stages/n-grams.js";
export { normalise } from "./stages/normalise.js";
export { offsets } from "./stages/offsets.js";
export { pad } from "./stages/pad.js";
export { selectWords } from "./stages/select-words.js";
export { sentences } from "./stages/sentences.js";
export { spellElongations } from "./stages/spell-elongations.js";
export { stem } from "./stages/stem.js";
export { stopWords } from "./stages/stop-words.js";
export { subwords } from "./stages/subwords.js";
export { subwordsWith } from "./stages/subwords-with.js";
export { tfIdf } from "./stages/tf-idf.js";
export { tokenize } from "./stages/tokenize.js";
export { tokenizePattern } from "./stages/tokenize-pattern.js";
export { word2vec } from "./stages/word2vec.js";
export { writeVectors } from "./stages/write-vectors.js";
export { type StemAlgorithm, type Stemmer, stemmerOf } from "./stemmers/index.js";
export { porterStem } from "./stemmers/porter.js";
export { stopWordLanguages, stopWordsOf } from "./stop-words.js";
export type { Subwords } from "./subwords/subwords.js";
export { readTokenizer } from "./subwords/tokenizer-json.js";
export { splitters, type TokenizeOptions, tokenizeTexts } from "./tokenizers/index.js";
export {
  describeVocabulary,
  encodeTokens,
  fingerprintOf,
  TokenCounts,
  type VocabularyOptions,
  vocabularyOf,
} from "./vocabulary.js";
export type { PartOfSpeech } from "./wordnet/database.js";
export { lemmatizer } from "./wordnet/morphy.js";
