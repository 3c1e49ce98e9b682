import { GRAPH_TEXT } from "./graph/svg.js";

/**
 * The style sheet of the report. Colours are those of Okabe and Ito (2008), which people with any colour vision tell
 * apart; states and series differ by sign, word or dash as well. Nothing is loaded: fonts are those of the reader's system.
 */
export const STYLE = `
:root{color-scheme:light dark;
--paper:#fff;--surface:#f6f7f9;--ink:#1b1f24;--muted:#5b6570;--line:#dde1e6;--accent:#0b5cad;
--train:#0072b2;--validation:#c25400;--good:#007a5a;--bad:#b84300;
--hit:#007a5a;--hit-soft:#e4f2ed;--run:#0b5cad;--run-soft:#e4eefa;--failed:#b84300;--failed-soft:#fbe9df;--skip:#5b6570;--skip-soft:#eef0f2;
--heat:#005a94;--changed:#eef5fc;--shade:rgb(27 31 36/.22);
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans",sans-serif;
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
@media(prefers-color-scheme:dark){:root{
--paper:#14171a;--surface:#1c2024;--ink:#e7eaee;--muted:#9da7b2;--line:#30363d;--accent:#7db7f0;
--train:#56b4e9;--validation:#e69f00;--good:#3ec79b;--bad:#f0875a;
--hit:#3ec79b;--hit-soft:#15302a;--run:#7db7f0;--run-soft:#172a40;--failed:#f0875a;--failed-soft:#3c2018;--skip:#9da7b2;--skip-soft:#23282e;
--heat:#3d9be0;--changed:#1a2633;--shade:rgb(0 0 0/.75)}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 var(--sans);font-variant-numeric:tabular-nums}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:2px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
h1,h2,h3,h4{line-height:1.25;margin:0;font-weight:650;text-wrap:balance;overflow-wrap:anywhere}
h1{font-size:1.75rem;letter-spacing:-.015em}h2{font-size:1.25rem;letter-spacing:-.01em;margin-bottom:1rem}
h3{font-size:1.02rem}h4{font-size:.78rem;color:var(--muted);font-weight:600;margin-bottom:.4rem}
p{margin:0 0 .6rem}code,.mono{font-family:var(--mono);font-size:.875em}
.muted{color:var(--muted)}.small{font-size:.84rem}
.skip-link{position:absolute;left:-999rem}.skip-link:focus{left:1rem;top:1rem;background:var(--paper);padding:.4rem .8rem;z-index:2}
.page{max-width:1240px;margin:0 auto;padding:2rem 1.75rem 4rem;display:grid;grid-template-columns:176px minmax(0,1fr);gap:0 2.75rem}
header.top{grid-column:1/-1;padding-bottom:1.4rem;margin-bottom:1.6rem;border-bottom:1px solid var(--line)}
.title{display:flex;flex-wrap:wrap;align-items:center;gap:.4rem .8rem}
.facts{display:flex;flex-wrap:wrap;gap:.2rem 1.5rem;margin:.55rem 0 0;color:var(--muted);font-size:.9rem}
.facts div{display:flex;gap:.4rem}.facts dt{margin:0}.facts dd{margin:0;color:var(--ink);overflow-wrap:anywhere}
nav.toc{font-size:.86rem;position:sticky;top:1.5rem;align-self:start;max-height:calc(100vh - 3rem);overflow:auto}
nav.toc ul{list-style:none;margin:0;padding:0}nav.toc ul ul{padding-left:.75rem;margin:.1rem 0 .3rem;border-left:1px solid var(--line)}
nav.toc a{display:block;padding:.17rem .2rem;color:var(--ink);text-decoration:none;overflow-wrap:anywhere}
nav.toc ul ul a{color:var(--muted)}nav.toc a:hover{color:var(--accent)}
main{min-width:0}main>section{margin-bottom:3rem}
.badge{display:inline-flex;align-items:center;gap:.3em;border-radius:99px;padding:.1em .65em;font-size:.78rem;font-weight:600;white-space:nowrap;background:var(--skip-soft);color:var(--skip)}
.badge.hit,.badge.succeeded{background:var(--hit-soft);color:var(--hit)}.badge.run{background:var(--run-soft);color:var(--run)}
.badge.failed,.badge.interrupted{background:var(--failed-soft);color:var(--failed)}
.heroes{display:grid;grid-template-columns:repeat(auto-fit,minmax(230px,1fr));gap:1rem;margin-bottom:1.4rem}
.hero{border:1px solid var(--line);border-radius:10px;padding:1rem 1.2rem}
.hero.best{border-color:var(--good);box-shadow:inset 3px 0 0 var(--good)}
.hero .name{display:flex;justify-content:space-between;gap:.5rem;font-weight:600}.hero .name a{min-width:0;overflow-wrap:anywhere}
.hero .number{font-size:2.6rem;line-height:1.15;font-weight:650;letter-spacing:-.03em;margin:.15rem 0 0}
.hero dl{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;margin:.5rem 0 0;font-size:.86rem}.hero dl div{display:flex;gap:.4rem}
.hero dt{color:var(--muted)}.hero dd{margin:0}
.scroll{overflow-x:auto;max-width:100%}
.scroll,.graph-scroll{background:linear-gradient(to right,var(--paper) 40%,transparent) left/3rem 100% no-repeat local,linear-gradient(to left,var(--paper) 40%,transparent) right/3rem 100% no-repeat local,linear-gradient(to right,var(--shade),transparent) left/1rem 100% no-repeat scroll,linear-gradient(to left,var(--shade),transparent) right/1rem 100% no-repeat scroll}
table{border-collapse:collapse;font-size:.88rem}th,td{padding:.34rem .8rem .34rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th{font-weight:600}thead th{color:var(--muted);font-size:.8rem;vertical-align:bottom}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}th.n:last-child,td.n:last-child{padding-right:0}th.n.name{white-space:normal;overflow-wrap:anywhere;min-width:3.6rem}
tr:last-child>td,tr:last-child>th{border-bottom-color:transparent}
table.wide{width:100%}td.best{font-weight:700;color:var(--good)}
.graph-box{border:1px solid var(--line);border-radius:10px;padding:1rem;container:graph/inline-size}.graph-scroll{overflow-x:auto}
.graph{display:block;margin:auto;height:auto}
.graph text{font-family:var(--sans);fill:var(--ink)}.graph .edge text{fill:var(--muted)}${GRAPH_TEXT}
.graph .edge path{stroke:var(--muted)}.graph .edge polygon{stroke:var(--muted);fill:var(--muted)}
.graph .stage path{fill:var(--surface);stroke:var(--muted)}
.graph .hit path{fill:var(--hit-soft);stroke:var(--hit)}.graph .run path{fill:var(--run-soft);stroke:var(--run)}
.graph .failed path{fill:var(--failed-soft);stroke:var(--failed);stroke-width:2}.graph .skipped path{fill:var(--paper)}
.graph a:hover path{stroke-width:2}.graph a:focus-visible{outline:2px solid var(--accent)}
.graph.tall{display:none}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:.7rem 0 0;padding:0;list-style:none;font-size:.82rem;color:var(--muted)}
.legend li{display:flex;align-items:center;gap:.4rem}.key{width:.85rem;height:.85rem;border-radius:3px;border:1px solid var(--muted);background:var(--paper)}
.key.hit{background:var(--hit-soft);border-color:var(--hit)}.key.run{background:var(--run-soft);border-color:var(--run)}
.key.failed{background:var(--failed-soft);border-color:var(--failed)}.key.skipped{border-style:dashed}
.key.bar-run{background:var(--run);border-color:var(--run)}.key.bar-saved{background:repeating-linear-gradient(135deg,var(--hit) 0 1px,transparent 1px 4px);border-color:var(--hit)}
.key.line{width:1.5rem;height:0;border:0;border-top:2px solid var(--validation);border-radius:0}.key.line.train{border-top:2px dashed var(--train)}
.key.ring{border-radius:50%;border:1.5px solid var(--ink)}
.times{display:grid;grid-template-columns:max-content minmax(0,1fr) max-content;gap:.3rem .9rem;align-items:center;font-size:.88rem;margin:0}
.times a{color:var(--ink);text-decoration:none;overflow-wrap:anywhere}.times a:hover{color:var(--accent);text-decoration:underline}
.track{height:1rem;border-radius:3px;background:var(--surface)}
.track i{display:block;height:100%;border-radius:3px;min-width:2px;background:var(--run)}
.track i.failed{background:var(--failed)}
.track i.hit{background:repeating-linear-gradient(135deg,var(--hit) 0 1px,transparent 1px 5px);border:1px solid var(--hit)}
.times .t{text-align:right;white-space:nowrap}
.lane{display:block;width:100%;height:24px;overflow:visible}.lane line{stroke:var(--line)}.lanes{row-gap:0}.lane.axis{height:18px}
.lane rect{fill:var(--run);stroke:var(--run)}.lane .hit{fill:var(--hit-soft);stroke:var(--hit)}.lane .resumed{fill:var(--run-soft)}.lane .failed{fill:var(--failed);stroke:var(--failed)}
.lane .stopped{fill:var(--paper);stroke:var(--skip);stroke-dasharray:3 2}.lane .wait{fill:var(--muted);stroke:none}.lane text{font-family:var(--sans);font-size:11px;fill:var(--muted)}
.key.bar-failed{background:var(--failed);border-color:var(--failed)}.key.line.wait{border-top-color:var(--muted)}.times+.legend+h3{margin:1.6rem 0 .7rem}
.profile td:last-child{width:40%;min-width:8rem}.profile .track{height:.7rem}
.block{margin-bottom:2rem}.block>h3{margin-bottom:.7rem}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:.5rem 1.6rem}
figure{margin:0;min-width:0}figcaption{font-weight:600;font-size:.86rem;margin-bottom:.2rem}
.chart{display:block;width:100%;max-width:460px;height:auto}.chart text{font-family:var(--sans)}
figure.map{grid-column:1/-1}svg.points{display:block;width:100%;max-width:760px;height:auto}.legend svg.points{width:12px}
.points text{font-family:var(--sans);font-size:11px;fill:var(--muted)}.points .axis{fill:var(--ink);font-weight:600}.points .beside{fill:var(--ink);font-size:10px}
.points .grid{stroke:var(--line);fill:none}.points .mark{fill:var(--muted);stroke:var(--paper);stroke-width:.6;fill-opacity:.85}
.points .c0{fill:var(--train)}.points .c1{fill:var(--validation)}.points .c2{fill:var(--good)}.points .c3{fill:#cc79a7}.points .c4{fill:#7b61c4}.points .c5{fill:#8c7a1f}.points .c6{fill:#009e9e}.points .c7{fill:var(--ink)}
details{margin:.7rem 0}summary{cursor:pointer;color:var(--accent);font-size:.86rem;width:max-content;max-width:100%}details>.scroll{margin-top:.5rem}
.split{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,340px),1fr));gap:1.2rem 2rem;align-items:start}
.heat th,.heat td{border:0;padding:.2rem}.heat thead th,.heat tbody th{font-size:.82rem;font-weight:500;color:var(--ink)}
.heat tbody th{text-align:right;padding-right:.6rem;max-width:11rem;overflow-wrap:anywhere;vertical-align:middle}
.heat thead th{text-align:center;max-width:8rem;overflow-wrap:anywhere}.heat .axis{color:var(--muted);font-weight:400}
.heat td{min-width:4.4rem;height:3rem;text-align:center;vertical-align:middle;border:2px solid var(--paper);border-radius:6px;background:color-mix(in oklab,var(--heat) calc(var(--p)*100%),var(--surface))}
.heat td.dark{color:var(--paper)}.examples.sample{table-layout:auto}.examples td:nth-child(n+3),.examples td:first-child{white-space:nowrap}.heat td b{display:block;font-weight:650;line-height:1.2}.heat td span{font-size:.74rem;opacity:.85}
.heat.dense td{min-width:1.9rem;height:1.9rem;font-size:.7rem;padding:0 .1rem}.heat.dense td b{font-weight:500}
.stage{border:1px solid var(--line);border-radius:10px;padding:1.1rem 1.2rem;margin-bottom:1rem;scroll-margin-top:1rem}
.stage:target{border-color:var(--accent);box-shadow:0 0 0 1px var(--accent)}
.stage>header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.15rem .7rem;margin-bottom:.3rem}
.stage>header .t{margin-left:auto}
.stage-body{display:grid;grid-template-columns:minmax(0,15rem) minmax(0,1fr);gap:1.1rem 1.8rem;margin-top:.8rem}
.stage-body.plain{grid-template-columns:minmax(0,1fr)}
.stage-body h4{margin-top:1rem}.stage-body>div>h4:first-child{margin-top:0}
.pairs{margin:0 0 .9rem;font-size:.84rem}.pairs div{display:grid;grid-template-columns:minmax(5.6rem,max-content) minmax(0,1fr);gap:.7rem;padding:.12rem 0}
.pairs dt{color:var(--muted);overflow-wrap:anywhere;max-width:9rem}.pairs dd{margin:0;overflow-wrap:anywhere}
.pairs .tall{display:block}.tree{margin:0;padding:0 0 0 .9rem;list-style:none}
.reasons{margin:0 0 .9rem;padding:0;list-style:none;font-size:.84rem}.reasons li{padding-left:.9rem;text-indent:-.9rem}.reasons li::before{content:"→ ";color:var(--run)}
.sample{width:100%;table-layout:fixed}.sample td,.sample th{padding:.45rem .7rem}.sample td{overflow-wrap:anywhere}
.sample .new{background:var(--changed)}.sample thead .new{color:var(--accent)}.sample td:first-child,.sample th:first-child{padding-left:.55rem}
.sample th.short{width:7rem}.examples.sample th:first-child{width:5.5rem}
.sample .type{font-weight:400;color:var(--muted);display:block;font-size:.74rem}
.chips{display:flex;flex-wrap:wrap;gap:.18rem}.chips>*{background:var(--surface);border:1px solid var(--line);border-radius:4px;padding:0 .34em;font-size:.8rem;line-height:1.45;overflow-wrap:anywhere}
.chips .more,.chips .rest{background:none;border-color:transparent;color:var(--muted)}.new .chips>*{background:var(--paper)}.new .chips .more,.new .chips .rest{background:none}
.ids{font-family:var(--mono);font-size:.78rem;line-height:1.6}.ids .pad{color:var(--muted);opacity:.75}
.spark{width:100%;max-width:180px;height:34px;display:block;overflow:visible}.spark polyline{fill:none;stroke:var(--train);stroke-width:1.3}
.spark .c1{stroke:var(--validation)}.spark .c2{stroke:var(--good)}.spark .c3{stroke:var(--muted)}.spark rect{fill:var(--train)}
.plot{display:block;width:100%;max-width:900px;height:auto;margin-bottom:.4rem}.plot text{font-family:var(--sans);font-size:11px;fill:var(--muted)}.plot .edge{fill:none;stroke:var(--line)}.plot .tick{stroke:var(--muted)}.plot .zero{stroke:var(--line)}
.plot .wave{fill:none;stroke:var(--train);stroke-width:1;stroke-linejoin:round}.plot .cells{image-rendering:pixelated}.plot .f0,.plot .f0-edge{fill:none;stroke-linejoin:round;stroke-linecap:round;stroke:#5ee1ff;stroke-width:2}.plot .f0-edge{stroke:#000;stroke-width:4.5;opacity:.65}
.plot text.said{fill:var(--ink);font-weight:600}.plot line.said{stroke:var(--muted)}dl.said{margin-left:3.6rem}
.clip{border:1px solid var(--line);border-radius:10px;padding:1rem 1.2rem;margin-bottom:1rem}.clip>header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.15rem .8rem;margin-bottom:.5rem}.clip h4{font-size:.95rem;color:var(--ink);margin:0;overflow-wrap:anywhere}
.clip figcaption,.stage figcaption{font-weight:500;font-size:.82rem}audio{display:block;width:100%;max-width:30rem;height:2.4rem;margin:0 0 .7rem}img.made{max-width:100%}
.probabilities{display:grid;gap:.1rem}.probabilities span{display:flex;justify-content:space-between;gap:.7rem;max-width:13rem;font-size:.8rem}.probabilities b{font-weight:500}.missing{color:var(--muted)}
.right,.wrong{font-weight:600;white-space:nowrap}.right{color:var(--good)}.wrong{color:var(--bad)}
.problem{border:1px solid var(--failed);border-left-width:4px;border-radius:8px;padding:.75rem 1rem;margin-bottom:.8rem;background:var(--failed-soft)}
.problem.warning{border-color:var(--line);border-left-color:var(--validation);background:var(--surface)}
.problem p{margin:0;overflow-wrap:anywhere;white-space:pre-line}.problem .where{font-family:var(--mono);font-size:.82rem;color:var(--muted)}
footer{grid-column:1/-1;border-top:1px solid var(--line);padding-top:1rem;color:var(--muted);font-size:.84rem}
@media(max-width:1000px){.page{grid-template-columns:minmax(0,1fr);padding:1.25rem 1rem 3rem}nav.toc{display:none}.stage-body{grid-template-columns:minmax(0,1fr)}}
@media(max-width:640px){.clip figure{overflow-x:auto}.clip figcaption{position:sticky;left:0}.plot{width:620px}h1{font-size:1.45rem}th,td{padding-right:.55rem}#comparison.many,.many tbody,.many tr,.many td,.many th{display:block}.many thead{position:absolute;left:-999rem}
.many tbody th{border:0;padding:.6rem 0 .1rem}.many td.n{display:flex;justify-content:space-between;gap:1rem;padding:.1rem 0;white-space:normal}.many td::before{content:attr(data-label);font-weight:400;overflow-wrap:anywhere;text-align:left}.many tr{border-bottom:1px solid var(--line);padding-bottom:.4rem}.many td{border:0}
.stage{padding:.9rem .85rem}.stage>header .t{margin-left:0}.hero .number{font-size:2.2rem}
.times{grid-template-columns:minmax(0,1fr) max-content;grid-auto-flow:dense;gap:.1rem .8rem}.times .track{grid-column:1/-1;height:.6rem;margin-bottom:.4rem}.times.lanes{grid-template-columns:minmax(0,1fr) fit-content(55%)}.lanes .t{white-space:normal}.lanes .lane{grid-column:1/-1}.lanes .zero{display:none}
.sample,.sample tbody,.sample tr,.sample td{display:block}.sample thead{position:absolute;left:-999rem}
.sample tr{border-bottom:1px solid var(--line);padding:.4rem 0}.sample td{border:0;border-radius:5px;padding:.35rem .5rem}
.sample td::before{content:attr(data-label);display:block;font-size:.74rem;color:var(--muted)}.sample td.new::before{color:var(--accent)}
.sample td.short{padding-block:.1rem}.sample td.short::before{display:inline-block;min-width:6.5rem}.examples td:first-child{padding-bottom:0}}
@media print{body{font-size:10.5pt}.page{display:block;padding:0;max-width:none}nav.toc,.skip-link{display:none}
.stage,.hero,figure,.block tr{break-inside:avoid}h2,h3{break-after:avoid}.scroll,.graph-scroll{overflow:visible;background:none}.graph{max-width:100%}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
@media(prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
`;
