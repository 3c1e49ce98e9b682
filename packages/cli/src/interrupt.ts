import { EXIT } from "./command.js";

/** Hears Ctrl-C for as long as something runs. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** Hands Ctrl-C back to the system. */
  release(): void;
}

/** The first Ctrl-C (or SIGTERM) asks to stop; the second ends the process at once. */
export function listenForInterrupt(): Interrupt {
  const controller = new AbortController();
  const heard = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  process.on("SIGINT", heard);
  process.on("SIGTERM", heard);
  return {
    signal: controller.signal,
    release() {
      process.removeListener("SIGINT", heard);
      process.removeListener("SIGTERM", heard);
    },
  };
}
