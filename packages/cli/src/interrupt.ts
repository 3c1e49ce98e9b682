import { EXIT, type ExitCode } from "./command.js";

/** Hears Ctrl-C for as long as something runs. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** What to exit with when it was heard: by convention 128 and the number of the signal. */
  readonly code: ExitCode;
  /** Hands Ctrl-C back to the system. */
  release(): void;
}

/** One Ctrl-C can come twice: from the terminal, and passed on by a parent such as npm. Nobody presses twice so quickly. */
const ONE_PRESS_MS = 150;

/** The first Ctrl-C (SIGINT) or SIGTERM asks to stop; the second ends the process at once. */
export function listenForInterrupt(): Interrupt {
  const controller = new AbortController();
  let code: ExitCode = EXIT.interrupted;
  let at = 0;
  const heard = (own: ExitCode) => () => {
    if (controller.signal.aborted && performance.now() - at < ONE_PRESS_MS) return;
    if (controller.signal.aborted) process.exit(own);
    at = performance.now();
    code = own;
    controller.abort();
  };
  const handlers = [
    ["SIGINT", heard(EXIT.interrupted)],
    ["SIGTERM", heard(EXIT.terminated)],
  ] as const;
  for (const [name, handler] of handlers) process.on(name, handler);
  return {
    signal: controller.signal,
    get code() {
      return code;
    },
    release() {
      for (const [name, handler] of handlers) process.removeListener(name, handler);
    },
  };
}
