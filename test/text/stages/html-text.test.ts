import { htmlText } from "@seqloom/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeStage } from "../../support/describe-stage.js";
import { outOf } from "../support.js";

describeStage(htmlText);

const text = (html: string, params = {}) => outOf(htmlText, html, params) as Promise<string>;

describe("text/html-text", () => {
  it.each([
    ["a < b & c", "a < b & c"],
    ["&lt;b&gt; &copy; &eacute;&#233;&#xE9; &hellip; &unknown; &amp", "<b> © ééé … &unknown; &"],
    ["one<br>two<BR/>three<br /><br>four", "one\ntwo\nthree\n\nfour"],
    ["<div>a<div>b</div></div>c", "a\nb\nc"],
    ["<p>a<p>b\n\n  c<p></p><p>d", "a\n\nb c\n\nd"],
    ["<ul><li>a<li>b</ul>c", "a\nb\n\nc"],
    ["x<b>y</b>z <i> q</i>", "xyz q"],
    ["<pre>a\n  b</pre>c", "a\n  b\n\nc"],
    ["<h1>Title</h1>text<hr>more", "Title\n\ntext\nmore"],
    ["a<!-- <p>no</p> -->b<![CDATA[c]]>d<?php e ?>f", "abdf"],
    ["<script>if (a < b) '<p>no</p>'</script>yes<style>p > b {}</style>", "yes"],
    ["<div hidden>no<div>no</div>no</div>yes", "yes"],
    ['<p style="color: red; DISPLAY : none">no<p>yes', "yes"],
    ["<template><p>no</template><noscript>no</noscript>yes", "yes"],
    ["<head><title>no</title><p>a page without its end of head", "a page without its end of head"],
    ["<svg><title>no</title><text>no</text></svg>yes<input hidden value=no>!", "yes!"],
    ["<table><tr><td>a</td><td></td><td>c</td></tr>\n<tr><td></td><td>e</td></tr></table>", "a\t\tc\n\te"],
    ["<table><tr><th><p>a</p><p>b</p></th><td><div>c</div></td></tr></table>", "a\n\nb\tc"],
    ["</p></div></td>a</b>", "a"],
    ["<b <i>a</i", "a"],
    ["", ""],
    ["<", "<"],
  ])("%j → %j", async (html, seen) => {
    expect(await text(html)).toBe(seen);
  });

  it("takes any markup, and gives no tags of what is well formed", async () => {
    const piece = fc.constantFrom(
      "<p>",
      "</p>",
      "<td>",
      "<tr>",
      "<br>",
      "a",
      " ",
      "&amp;",
      "<pre>",
      "\n",
      "<li>",
      "<b",
      "'",
      "<script>",
      "😂",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (parts) => {
        const seen = await text(parts.join(""));
        expect(seen).toBe(seen.trim());
        expect(seen).not.toMatch(/<\/?(?:p|td|tr|br|li)>/);
      }),
    );
  });

  it("takes time linear in the text, however deep, long or broken it is", async () => {
    // In quadratic time each of these would take minutes.
    const many = 200_000;
    expect(await text(`${"<b>".repeat(many)}x${"</i>".repeat(many)}`)).toBe("x");
    expect(await text(`${"<div hidden>".repeat(many)}x`)).toBe("");
    expect(await text(`${"<td>x".repeat(many)}`)).toMatch(/^x\tx\tx\t/);
    expect(await text(`<a ${"href=x ".repeat(many)}`)).toBe("");
    expect(await text(`<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>&b;`)).toBe("]>&b;");
  });
});
