import { dataset, defineMap, fail } from "@seqloom/core";
import { z } from "zod";
import { SOUND } from "../signals.js";

/** Tags each frame of a series by the events of its clip: what a detector learns from. */
export const frameTags = defineMap({
  id: "audio/frame-tags",
  version: 1,
  description: "Tags each frame of a series by the events of its clip: what a detector learns from.",
  input: dataset({ ...SOUND, series: "series", events: "series" }),
  output: dataset({ tags: "tags" }),
  params: z.strictObject({
    hop_length: z.int().min(1).describe("Samples from frame to frame, as in the stage that made the series"),
    during: z
      .enum(["event", "after"])
      .default("after")
      .describe("Which frames are tagged: those of the event, or those that come after its end: then it is known"),
    seconds: z.number().positive().default(0.5).describe("For after: how long the frames behind the end are tagged"),
    tag: z.string().min(1).default("event").describe("The tag of these frames"),
    other: z.string().min(1).default("none").describe("The tag of all other frames"),
  }),
  check: ({ tag, other }) =>
    tag === other ? [{ path: ["other"], message: `both tags are "${tag}"`, hint: "Give them different names." }] : [],
  examples: [
    {
      with: { hop_length: 10, seconds: 0.02 },
      in: [{ signal: [0, 0], sample_rate: 1000, series: [1, 2, 3, 4, 5, 6], events: [[0.01, 0.03]] }],
      out: [{ tags: ["none", "none", "none", "event", "event", "none"] }],
    },
  ],
  apply: (batch, { hop_length: hop, during, seconds, tag, other }) => {
    const { offsets } = batch.column("series");
    const events = batch.column("events");
    if (batch.rows > 0 && events.width !== 2 && events.values.length > 0) {
      throw fail("events-width", `events have ${events.width} values where a beginning and an end are needed`, {
        hint: "Give seconds of the beginning and of the end of each event.",
      });
    }
    const rates = batch.column("sample_rate").values;
    const indices = new Int32Array(offsets[batch.rows]);
    for (let row = 0; row < batch.rows; row++) {
      const frames = offsets[row + 1] - offsets[row];
      const hertz = rates[row] / hop; // frames a second
      for (let event = events.offsets[row]; event < events.offsets[row + 1]; event++) {
        const [start, end] = [events.values[2 * event], events.values[2 * event + 1]];
        const [from, to] = during === "event" ? [start, end] : [end, end + seconds];
        const first = Math.max(0, Math.round(from * hertz));
        indices.fill(
          1,
          offsets[row] + Math.min(first, frames),
          offsets[row] + Math.min(Math.round(to * hertz), frames),
        );
      }
    }
    return batch.with({ tags: { type: "tags", dictionary: [other, tag], indices, offsets } });
  },
});
