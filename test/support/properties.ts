import fc from "fast-check";

/**
 * Property tests try the same cases on every machine, so that a run of the tests tells of the code and of nothing else.
 * `SEQLOOM_TEST_SEED=7 npm test` tries others; a failure prints the seed and the path that bring it back.
 */
fc.configureGlobal({ seed: Number(process.env.SEQLOOM_TEST_SEED ?? 20_260_901) });
