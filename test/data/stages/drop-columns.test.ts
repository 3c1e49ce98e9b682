import { dropColumns } from "@seqloom/data";
import { expect, it } from "vitest";
import { describeStage } from "../../support/describe-stage.js";

describeStage(dropColumns);

it("tells the plan which columns it leaves out", () => {
  expect(dropColumns.dropsColumns?.({ columns: ["signal", "series"] })).toEqual(["signal", "series"]);
});
