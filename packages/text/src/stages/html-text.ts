import { dataset, defineMap } from "@seqloom/core";
import { z } from "zod";
import { htmlReader } from "../html.js";
import { forRows } from "../rows.js";

/** The visible text of HTML pages or fragments, such as reviews with `<br />` in them. */
export const htmlText = defineMap({
  id: "text/html-text",
  version: 1,
  description: "Takes the visible text out of HTML: blocks become lines, cells of tables are parted by tabs.",
  input: dataset({ text: "utf8" }),
  output: dataset({ text: "utf8" }),
  params: z.strictObject({
    title: z.enum(["keep", "drop"]).default("drop").describe("Whether the title of the page is its first line"),
    alt: z.enum(["keep", "drop"]).default("drop").describe("Whether the text that stands for a picture is kept"),
  }),
  examples: [
    {
      in: [
        { text: "<p>A great <b>cast</b>&nbsp;&amp; film.<br />Really.</p><script>track()</script>\n<p>Go &#x1F600;" },
        { text: "<table><tr><th>Film<th>Stars<tr><td><p>Alien</p><td>5</table>after" },
      ],
      out: [{ text: "A great cast\u00a0& film.\nReally.\n\nGo 😀" }, { text: "Film\tStars\nAlien\t5\n\nafter" }],
    },
    {
      title: "a whole page",
      with: { title: "keep", alt: "keep" },
      in: [
        {
          text: "<html><head><title>News</title><style>p{}</style></head><body><h1>Rain</h1><img alt='a cloud'></body>",
        },
      ],
      out: [{ text: "News\n\nRain\n\na cloud" }],
    },
  ],
  apply: async (batch, options, context) => {
    const read = await htmlReader(options);
    return batch.with({ text: { type: "utf8", values: forRows(batch.column("text").values, read, context) } });
  },
});
