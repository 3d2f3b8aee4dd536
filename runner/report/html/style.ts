import { darkInk } from '../charts/theme.ts'

const LIGHT = `
--paper:#fff;--raised:#f6f8fa;--ink:#1f2328;--muted:#57606a;--rule:#d0d7de;
--good:#116329;--bad:#b3261e;--goodback:#dafbe1;--badback:#ffebe9;--openback:#eaeef2;--link:#0550ae`
const DARK = `
--paper:#0d1117;--raised:#161b22;--ink:#e6edf3;--muted:#9ea7b3;--rule:#30363d;
--good:#56d364;--bad:#ff8b82;--goodback:#12261e;--badback:#2d1618;--openback:#21262d;--link:#79c0ff`

/** The page's only style sheet: light and dark, phone and print, nothing from outside. */
export const STYLE = `
:root{color-scheme:light dark;${LIGHT}}
@media screen and (prefers-color-scheme:dark){:root{${DARK}}${darkInk('.chart')}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;
-webkit-text-size-adjust:100%}
main,header,footer{max-width:62rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2.5rem}
a{color:var(--link)}
h1{font-size:1.05rem;margin:0;color:var(--muted);font-weight:600;letter-spacing:.01em}
h2{font-size:1.35rem;margin:3.25rem 0 1rem;padding-top:.9rem;border-top:1px solid var(--rule)}
h2 code,.answer code{font-size:.92em}
.anchor{margin-left:.4em;text-decoration:none;color:var(--muted);font-weight:400;opacity:.55}
h2:hover .anchor,.anchor:focus{opacity:1;color:var(--link)}
summary{cursor:pointer}summary h2{display:inline;font-size:1.08rem;border:0;margin:0;padding:0}
#picture h2{margin:1.5rem 0 0;border:0}#picture h3{display:none}#picture figure{margin:0}
section:has(>details){border-top:1px solid var(--rule);padding:.75rem 0}
section:not(:has(>details))+section:has(>details){margin-top:3.25rem}
h3{font-size:1.05rem;margin:0 0 .6rem}
.headline{font-size:clamp(1.25rem,3.2vw,1.75rem);line-height:1.3;font-weight:650;margin:.75rem 0;
max-width:46rem;text-wrap:pretty}
.headline.long{font-size:clamp(1.05rem,2.4vw,1.25rem)}
.rest{font-size:clamp(1rem,2.2vw,1.12rem);margin:.6rem 0;max-width:46rem;text-wrap:pretty}
.caution{background:var(--raised);border-left:4px solid var(--bad);padding:.6rem 1rem;margin:1rem 0;max-width:46rem}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;padding:0;margin:1rem 0 0;font-size:.92rem}
.skip{position:absolute;left:-999rem}.skip:focus{left:1rem;top:1rem;background:var(--paper);padding:.5rem}
.warnings{background:var(--raised);border-left:4px solid var(--bad);padding:.6rem 1rem;margin:1rem 0}
.warnings ul,.plain{margin:.3rem 0;padding-left:1.2rem}
.scroll{overflow-x:auto;margin:1.5rem 0;container-type:inline-size}
.stack{margin:1.5rem 0}
table{border-collapse:collapse;width:100%;font-size:.86rem;line-height:1.4}
caption{text-align:left;padding:0 0 .55rem}
.title{display:block;font-size:1.02rem;font-weight:650;color:var(--ink)}
.under-its-heading{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.notes{display:block;color:var(--muted);font-size:.83rem;max-width:46rem}
.empty{margin:1.5rem 0}
th,td{padding:.38rem .7rem .38rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule);
font-weight:400}
thead th{color:var(--muted);font-weight:600;border-bottom:2px solid var(--rule)}
.figure{text-align:right;font-variant-numeric:tabular-nums;white-space:pre}
.name{white-space:nowrap}
.prose{white-space:pre-line}
.unit{display:block;font-weight:400;font-size:.78rem}
.strong{font-weight:650}.muted{color:var(--muted)}
.good{color:var(--good)}.bad{color:var(--bad);font-weight:600}
tbody th.good,tbody th.bad.name,tbody th.muted{font-weight:650}
figure{margin:2rem 0 2.75rem}
figcaption{color:var(--muted);font-size:.88rem;margin-top:.5rem;max-width:46rem}
.chart svg{display:block;width:100%;height:auto}
.chart.narrow{display:none}
pre{background:var(--raised);padding:.8rem 1rem;border-radius:6px;overflow-x:auto;font-size:.85rem;
white-space:pre-wrap;overflow-wrap:anywhere}
footer{color:var(--muted);font-size:.85rem;padding-top:2rem;padding-bottom:3rem}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
@media screen and (max-width:44rem){
main,header,footer{padding-left:1rem;padding-right:1rem}
.chart.wide{display:none}.chart.narrow{display:block;max-width:26rem}
.stack table,.stack tbody,.stack tr,.stack td,.stack tbody th,.stack caption{display:block}
.stack thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.stack tr{padding:.7rem 0;border-bottom:1px solid var(--rule)}
.stack td,.stack tbody th{border:0;padding:.12rem 0;text-align:left}
.stack tbody th.name,.stack td.name{white-space:normal}
.stack td:not([data-label=""])::before{content:attr(data-label) ": ";color:var(--muted)}
.scroll caption span{position:sticky;left:0;max-width:100cqw}
.scroll tbody th:first-child{position:sticky;left:0;background:var(--paper);white-space:normal;
overflow-wrap:anywhere;min-width:6.4em;max-width:30vw}
}
@media print{
nav,.skip{display:none}
body{font-size:10pt}
main,header,footer{max-width:none;padding:0}
h2{break-after:avoid}figure,tr{break-inside:avoid}
.scroll{overflow:visible}.scroll table{font-size:7pt}.scroll .unit{font-size:6.5pt}
section:has(>details:not([open])),.anchor{display:none}
.chart.wide{display:block}.chart.narrow{display:none}
}
`
