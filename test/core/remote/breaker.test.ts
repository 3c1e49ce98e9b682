import { describe, expect, it } from "vitest";
import { Breaker } from "../../../packages/core/dist/remote/breaker.js";

describe("the circuit breaker", () => {
  it("opens after three failures within 30 s, and lets one through after a pause of 30 s", () => {
    let now = 0;
    const breaker = new Breaker(() => now);
    expect([breaker.failed(), breaker.failed()]).toEqual([false, false]);
    expect(breaker.allows()).toBe(true);
    expect(breaker.failed()).toBe(true);
    expect(breaker.allows()).toBe(false);
    now = 29_999;
    expect(breaker.allows()).toBe(false);
    now = 30_000;
    expect(breaker.allows()).toBe(true);
    expect(breaker.failed()).toBe(true);
    expect(breaker.allows()).toBe(false);
    now = 60_000;
    breaker.succeeded();
    expect([breaker.failed(), breaker.failed(), breaker.allows()]).toEqual([false, false, true]);
  });

  it("forgets failures that are far apart, and all of them after a success", () => {
    let now = 0;
    const breaker = new Breaker(() => now);
    for (; now < 200_000; now += 15_000) expect(breaker.failed()).toBe(false);
    breaker.succeeded();
    breaker.failed();
    breaker.succeeded();
    expect([breaker.failed(), breaker.failed()]).toEqual([false, false]);
  });
});
