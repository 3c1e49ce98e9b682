/** @file What a detector found of what there was. Times are in seconds. */

/** Numbers to add up over clips. */
export interface Count {
  readonly events: number;
  readonly detected: number;
  readonly falseAlarms: number;
  /** Seconds of sound in which a firing is a false alarm: all that is not within an event or just behind it. */
  readonly outside: number;
}

export const NONE: Count = { events: 0, detected: 0, falseAlarms: 0, outside: 0 };

/** Two numbers of clips together. */
export function together(a: Count, b: Count): Count {
  return {
    events: a.events + b.events,
    detected: a.detected + b.detected,
    falseAlarms: a.falseAlarms + b.falseAlarms,
    outside: a.outside + b.outside,
  };
}

/**
 * An event is found by the first firing from its beginning to `tolerance` behind its end. All other firings are false alarms, a
 * second one of the same event too: whoever listens would act twice.
 * @param events beginnings and ends, in turn
 */
export function countOf(
  firings: readonly number[],
  events: ArrayLike<number>,
  seconds: number,
  tolerance: number,
): Count {
  const windows = Array.from({ length: events.length / 2 }, (_, i) => ({
    from: events[2 * i],
    to: Math.min(events[2 * i + 1] + tolerance, seconds),
    found: false,
  })).sort((a, b) => a.from - b.from);
  let falseAlarms = 0;
  for (const time of firings) {
    const window = windows.find(({ from, to, found }) => !found && from <= time && time <= to);
    if (window === undefined) falseAlarms++;
    else window.found = true;
  }
  let outside = 0;
  let at = 0;
  for (const { from, to } of windows) {
    outside += Math.max(0, from - at);
    at = Math.max(at, to);
  }
  return {
    events: windows.length,
    detected: windows.filter(({ found }) => found).length,
    falseAlarms,
    outside: outside + Math.max(0, seconds - at),
  };
}

/** Share of the events that were found. */
export function detectionRate({ detected, events }: Count): number {
  return events === 0 ? 0 : detected / events;
}

/** False alarms in an hour of sound without events. */
export function falseAlarmsPerHour({ falseAlarms, outside }: Count): number {
  return outside === 0 ? 0 : falseAlarms / (outside / 3600);
}
