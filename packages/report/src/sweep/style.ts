/** What the report of a sweep adds to the style sheet. */
export const SWEEP_STYLE = `
.parallel,.scatter{display:block;width:100%;height:auto}.scatter{max-width:560px}
.parallel text,.scatter text,#curves text{font-family:var(--sans);font-size:11px;fill:var(--muted)}
.parallel .name,.scatter .name,#curves .name{fill:var(--ink);font-weight:600}
.parallel .axis path{stroke:var(--muted);fill:none}.halo{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
.point{fill:none;stroke:color-mix(in oklab,var(--heat) var(--p),var(--line));stroke-width:1.5}
.point.best{stroke:var(--good);stroke-width:3}.point:hover{stroke:var(--validation);stroke-width:3}
.grid{stroke:var(--line);fill:none}.steps{stroke:var(--good);stroke-width:2;fill:none}
.scatter circle{fill:color-mix(in oklab,var(--heat) var(--p),var(--line));stroke:var(--paper)}
.scatter circle.on{fill:var(--good)}.scatter text.number{fill:var(--paper);font-weight:700}
.front{margin:0;padding-left:1.4rem;font-size:.88rem}.front li{margin-bottom:.5rem;overflow-wrap:anywhere}.front li::marker{color:var(--good);font-weight:700}
.curve{fill:none;stroke:color-mix(in oklab,var(--heat) var(--p),var(--line));stroke-width:1.2}
.curve.c0{stroke:var(--good);stroke-width:2.4}.curve.c1{stroke:var(--train);stroke-width:2}.curve.c2{stroke:var(--validation);stroke-width:2}.curve.c3{stroke:var(--ink);stroke-width:1.6}
tr.best td,tr.best th{font-weight:650}#points th.n:last-child,#points td.n{padding-right:.8rem}
@media print{.parallel{min-width:0!important}}
`;
