/** What a person wants of a program that waits. */
export type Wish = "r" | "q" | "interrupt" | "terminate";

/** Keys of a terminal, and signals, as they come. */
export interface Keys {
  /** Whether keys can be pressed. */
  readonly pressed: boolean;
  /** The oldest wish that nobody has taken, or null. */
  take(): Wish | null;
  /** Calls back with Ctrl-C instead of keeping it; the result ends that. */
  heard(onInterrupt: () => void): () => void;
  /** Gives the terminal back. */
  close(): void;
}

/** Listens to the keys of a terminal, if it is one, and to SIGINT and SIGTERM. */
export function listenForKeys(stdin: NodeJS.ReadStream): Keys {
  const wishes: Wish[] = [];
  let instead: (() => void) | null = null;
  const wish = (one: Wish): void => {
    if (instead !== null && one !== "r") instead();
    else wishes.push(one);
  };
  const onInterrupt = (): void => wish("interrupt");
  const onTerminate = (): void => wish("terminate");
  const onData = (data: Buffer): void => {
    for (const key of data.toString()) {
      if (key === "\u0003") onInterrupt();
      if (key === "q" || key === "r") wish(key);
    }
  };
  const raw = stdin.isTTY === true;
  if (raw) stdin.setRawMode(true).on("data", onData).resume();
  process.on("SIGINT", onInterrupt).on("SIGTERM", onTerminate);
  return {
    pressed: raw,
    take: () => wishes.shift() ?? null,
    heard(onStop) {
      instead = onStop;
      return () => {
        instead = null;
      };
    },
    close() {
      if (raw) stdin.setRawMode(false).off("data", onData).pause();
      process.off("SIGINT", onInterrupt).off("SIGTERM", onTerminate);
    },
  };
}
