/** Variables for the threads and processes of stages, beside those of this process. */
export function stageEnvironment(threads: number | undefined): Readonly<Record<string, string>> {
  return threads === undefined ? {} : { SEQLOOM_THREADS: String(threads) };
}
