import type { ProfileRow, RunRecord } from "@seqloom/core";
import { renderReport } from "@seqloom/report";
import { expect, it } from "vitest";
import { quickstart } from "./fixture.js";

const ROWS: readonly ProfileRow[] = [
  { name: "SeqloomLstmGrad", calls: 1200, ms: 750.456 },
  { name: "<script>", calls: 3, ms: 50 },
  { name: "between kernels", calls: 0, ms: 199.544 },
];

function profiled(rows: readonly ProfileRow[]): RunRecord {
  const stages = quickstart.stages.map((stage) =>
    stage.name === "sequence-model" ? { ...stage, profile: rows } : stage,
  );
  return { ...quickstart, stages };
}

it("a run that was profiled has a table of kernels with their share of the time", async () => {
  const page = await renderReport(profiled(ROWS));
  const section = page.slice(page.indexOf('<section id="profile">'), page.indexOf('<section id="evaluation">'));
  expect(section).toContain("1.00 s · 1,203 calls of kernels");
  expect(section).toContain(
    '<td>SeqloomLstmGrad</td><td class="n">1,200</td><td class="n">750.46</td><td class="n">75.0 %</td>',
  );
  expect(section).toContain('<td>between kernels</td><td class="n"></td><td class="n">199.54</td>');
  expect(section).toContain("&lt;script&gt;");
  expect(page).toContain('<a href="#profile">Profile</a>');
});

it("other runs have no such section", async () => {
  expect(await renderReport(quickstart)).not.toContain('id="profile"');
});
