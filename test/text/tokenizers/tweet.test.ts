import { splitters } from "@seqloom/text";
import { describe, expect, it } from "vitest";

describe("tweets", () => {
  it.each([
    ["@ann_1:", ["@ann_1", ":"]],
    ["#win!", ["#win", "!"]],
    ["#été2024", ["#été2024"]],
    ["#1", ["#", "1"]],
    ["a@b.org", ["a@b.org"]],
    ["https://t.co/Ab1?x=y.", ["https://t.co/Ab1?x=y", "."]],
    ["(www.example.org)", ["(", "www.example.org", ")"]],
    ["pic.twitter.com/ab12", ["pic.twitter.com/ab12"]],
    [":-)", [":-)"]],
    ["ok:)", ["ok", ":", ")"]],
    [";D", [";D"]],
    ["=(", ["=("]],
    [":'(", [":'("]],
    ["xD", ["xD"]],
    ["xDrive", ["xDrive"]],
    [":please", [":", "please"]],
    ["(:", ["(:"]],
    ["<3<3", ["<3", "<3"]],
    ["</3", ["</3"]],
    ["^_^", ["^_^"]],
    ["😂😂👍🏽", ["😂", "😂", "👍🏽"]],
    ["&amp;", ["&amp;"]],
    ["R&B", ["R", "&", "B"]],
    ["don't", ["don't"]],
    ["3.50$", ["3.50", "$"]],
    ["soooo...!!!", ["soooo", "...", "!!!"]],
    ["\ufe0f", []],
  ])("%s", (chunk, tokens) => {
    expect(splitters.tweet(chunk)).toEqual(tokens);
  });
});
