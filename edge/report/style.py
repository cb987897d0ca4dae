"""The look of the drift report: the same family as the reports on training and export, light and dark."""

STYLE = """
:root { --ground: #fff; --text: #1b1f24; --soft: #59636e; --line: #d5dae0; --good: #1a7f37; --bad: #c1121f;
  --idle: #b4bcc5; --first: #1f77b4; --second: #d9822b; --plot: #f6f8fa; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14171b; --text: #e3e7eb; --soft: #9aa4af; --line: #363d45; --good: #4cc26b; --bad: #ff6b6b;
    --idle: #5b6570; --first: #54a0d6; --second: #f0a35e; --plot: #1b2026; }
}
body { margin: 0 auto; padding: 1rem; max-width: 62rem; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; margin: .5rem 0; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 1.8rem 0 .3rem; }
p { max-width: 46rem; }
a { color: var(--first); }
.soft, small { color: var(--soft); }
span.good, p.good { color: var(--good); font-weight: 600; }
span.bad, p.bad { color: var(--bad); font-weight: 600; }
.now { font-size: 1.05rem; border-left: .35rem solid var(--idle); padding: .1rem .8rem; max-width: none; }
.now.good { border-color: var(--good); color: inherit; font-weight: inherit; }
.now.bad { border-color: var(--bad); color: inherit; font-weight: inherit; }
.header { max-width: none; font-size: .85rem; color: var(--soft); }
.fact { margin-right: 1rem; } .fact b { color: var(--text); font-weight: 500; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .6rem; margin: 1rem 0; padding: 0; }
.figures div { border: 1px solid var(--line); border-radius: 6px; padding: .45rem .7rem; }
.figures dt { color: var(--soft); font-size: .8rem; }
.figures dd { margin: 0; font-size: 1.15rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.figures small { display: block; font-size: .75rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .5rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid var(--line); vertical-align: top; }
th:first-child { text-align: left; font-weight: 600; }
thead th { color: var(--soft); font-weight: 600; white-space: nowrap; }
td small { display: block; white-space: nowrap; }
.texts td, .texts thead th { text-align: left; }
.texts td { overflow-wrap: anywhere; min-width: 4.5rem; }
.texts td:last-child { min-width: 12rem; }
.texts td:nth-child(2) { white-space: nowrap; }
.texts th { font-weight: 400; white-space: nowrap; text-align: left; }
.kind { font-size: .8rem; color: var(--soft); }
.kind.verdict, .kind.run, .kind.clock { color: var(--text); font-weight: 600; }
.bar { display: grid; grid-template-columns: 1.2rem 6.3rem auto; font-size: .75rem; line-height: 1.35; align-items: center; }
.bar i { height: .5rem; border-radius: 2px; min-width: 1px; }
figure { margin: 1.1rem 0 0; }
figcaption { font-size: .85rem; color: var(--soft); margin-bottom: .3rem; }
figcaption b { color: var(--text); font-size: .95rem; }
.key { white-space: nowrap; margin-right: .8rem; }
.key i { display: inline-block; width: .8rem; height: .65rem; border-radius: 2px; margin-right: .3rem; }
.key i.rule { height: 0; border-top: 2px dashed var(--soft); vertical-align: .25rem; }
.keys { display: block; }
.plot { position: relative; padding: 0 0 2.3rem 7.4rem; }
.plot svg { display: block; width: 100%; background: var(--plot); border-radius: 3px; }
.tall svg { height: 8.5rem; }
.strip svg { height: 1.7rem; }
.rows svg { height: calc(var(--rows) * 1.05rem); }
.ys { position: absolute; left: 0; top: 0; bottom: 2.3rem; width: 7rem; font-size: .72rem; color: var(--soft); }
.ys span { position: absolute; right: 0; transform: translateY(-50%); white-space: nowrap; }
.tall .ys span:first-child { transform: none; }
.tall .ys span:last-child { transform: translateY(-100%); }
.xs { position: absolute; left: 7.4rem; right: 0; bottom: 0; height: 2.2rem; font-size: .72rem; line-height: 1.25; color: var(--soft); }
.xs span { position: absolute; top: .2rem; transform: translateX(-50%); text-align: center; white-space: nowrap; }
.xs span.first { transform: none; text-align: left; }
.xs span.last { transform: translateX(-100%); text-align: right; }
.xs small { display: block; font-size: .68rem; opacity: .8; }
.line { fill: none; stroke-width: 1.6; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.line.first { stroke: var(--first); } .line.second { stroke: var(--second); }
.band { opacity: .17; }
.band.first, rect.first { fill: var(--first); } .band.second, rect.second { fill: var(--second); }
.rule { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 5 4; vector-effect: non-scaling-stroke; }
.run { stroke: var(--text); stroke-width: 1; stroke-dasharray: 2 3; vector-effect: non-scaling-stroke; opacity: .55; }
rect.good { fill: var(--good); } rect.bad, rect.heat5 { fill: var(--bad); } rect.idle { fill: var(--idle); }
rect.heat1, rect.heat2, rect.heat3, rect.heat4 { fill: var(--first); }
i.good { background: var(--good); } i.bad, i.heat5 { background: var(--bad); } i.idle { background: var(--idle); }
i.first, i.heat1, i.heat2, i.heat3, i.heat4 { background: var(--first); } i.second { background: var(--second); }
.heat1 { opacity: .25; } .heat2 { opacity: .45; } .heat3 { opacity: .65; } .heat4 { opacity: .85; }
@media (max-width: 40rem) {
  .texts thead { display: none; }
  .texts tr { display: flex; flex-wrap: wrap; border-bottom: 1px solid var(--line); }
  .texts td, .texts th { border: 0; padding: .15rem .4rem; min-width: 0; }
  .texts td:last-child:not(.narrow) { flex: 1 0 100%; }
  .xs span:nth-child(even) { display: none; }
  .rows { padding-left: 6.4rem; } .rows .ys { width: 6.1rem; font-size: .66rem; } .rows .xs { left: 6.4rem; }
  .plot:not(.rows) { padding-left: 3.2rem; } .plot:not(.rows) .xs { left: 3.2rem; } .plot:not(.rows) .ys { width: 2.9rem; }
}
@media print { figure, tr { break-inside: avoid; } }
"""
