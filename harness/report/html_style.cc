#include "harness/report/html_parts.h"

namespace divla::html {

std::string_view Style() {
  // Colours are variables, given twice: light, and dark by the reader's preference. The kinds of ending keep their
  // colour in both, dark enough for white numbers; meaning is always also in words, never in colour alone.
  return R"css(:root{color-scheme:light dark;--page:#f5f6f8;--card:#fff;--ink:#1b2230;--soft:#5a6475;--line:#dfe3ea;
--track:#eceff4;--accent:#2456c9;--band:#8fb0f2;--warn-ink:#7a4a00;--warn:#fff3d6;
--ok:#1f8050;--bad:#b42332;--ok-soft:#e6f4ec;--bad-soft:#fbe9ea;
--f0:#475569;--f1:#c2410c;--f2:#a16207;--f3:#a21caf;--f4:#1d5fd1;--f5:#64748b;--f6:#7c3aed;--f7:#be123c}
@media(prefers-color-scheme:dark){:root{--page:#12151b;--card:#1b2029;--ink:#e7eaf0;--soft:#9aa5b8;--line:#2d3542;
--track:#2a313d;--accent:#8fb4ff;--band:#3d63b3;--warn-ink:#ffd98a;--warn:#3a2e12;
--ok:#2a9460;--bad:#d1495a;--ok-soft:#17301f;--bad-soft:#3a1d22}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
.wide,main{max-width:1240px;margin:0 auto;padding:0 20px}
header{background:var(--card);border-bottom:1px solid var(--line);padding:28px 0 20px}
.brand{margin:0;color:var(--accent);font-weight:650;letter-spacing:.04em;font-size:13px}
h1{margin:2px 0 18px;font-size:30px;line-height:1.2;overflow-wrap:anywhere}
h1 span,h1 small{color:var(--soft);font-weight:400}
h2{margin:0 0 14px;font-size:19px}
h3{margin:16px 0 6px;font-size:15px}
small{font-size:.85em;color:var(--soft);font-weight:400}
.note{margin:6px 0 0;color:var(--soft);font-size:13px}
.warning{margin:0 0 14px;padding:9px 13px;border-radius:8px;background:var(--warn);color:var(--warn-ink)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(215px,1fr));gap:12px}
.tile{border:1px solid var(--line);border-radius:12px;padding:13px 16px;background:var(--page)}
.tile h3{margin:0;font-size:13px;font-weight:500;color:var(--soft)}
.big{margin:2px 0 0;font-size:30px;line-height:1.2;font-weight:680;font-variant-numeric:tabular-nums}
.big small{font-size:.62em}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(320px,1fr));gap:3px 28px;margin:18px 0 0;font-size:13px}
.facts div{display:flex;gap:10px;min-width:0}
dt{flex:0 0 112px;color:var(--soft)}
dd{margin:0;min-width:0;overflow-wrap:anywhere}
section{margin:22px 0;padding:20px;border:1px solid var(--line);border-radius:14px;background:var(--card)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:22px}
.pair section{margin:0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:9px 10px;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}
thead th{font-size:13px;font-weight:500;color:var(--soft)}
th:first-child{text-align:left;padding-left:0}
tbody th{font-weight:600}
wbr{display:none}
tfoot th,tfoot td{border-bottom:0;padding:7px 10px}
tfoot th{font-weight:400}
tfoot th:first-child{padding-left:0}
.rate{font-weight:680}
.draw{width:26%;min-width:150px}
.scale{display:flex;justify-content:space-between}
.interval{position:relative;height:18px;background:linear-gradient(var(--line),var(--line)) 50% 50%/1px 100% no-repeat,
linear-gradient(var(--line),var(--line)) 25% 50%/1px 60% no-repeat,linear-gradient(var(--line),var(--line)) 75% 50%/1px 60% no-repeat,var(--track);border-radius:4px}
.interval i,.interval b{position:absolute}
.thin{top:8px;height:2px;background:var(--soft)}
.band{top:4px;height:10px;border-radius:3px;background:var(--band)}
.interval b{top:1px;height:16px;width:3px;margin-left:-1.5px;border-radius:2px;background:var(--accent)}
.ok{background:var(--ok)}.bad{background:var(--bad)}
.f0{background:var(--f0)}.f1{background:var(--f1)}.f2{background:var(--f2)}.f3{background:var(--f3)}
.f4{background:var(--f4)}.f5{background:var(--f5)}.f6{background:var(--f6)}.f7{background:var(--f7)}
.stack{display:flex;height:26px;border-radius:7px;overflow:hidden;background:var(--track);gap:1px}
.stack button{border:0;padding:0;min-width:3px;color:#fff;font:600 13px/26px inherit;font-family:inherit;cursor:pointer}
.legend{display:flex;flex-wrap:wrap;gap:3px 16px;margin:7px 0 0;padding:0;list-style:none;font-size:13px}
.legend i,.group i{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:6px}
.meter{white-space:nowrap;display:flex;align-items:center;gap:12px;margin:5px 0}
.meter>span:first-child{flex:0 0 62px;color:var(--soft);font-size:13px}
.track{flex:1;height:12px;border-radius:6px;overflow:hidden;background:var(--track)}
.track i{display:block;height:100%}
.number{flex:0 0 62px;text-align:right;font-weight:600;font-variant-numeric:tabular-nums}
.episodes{background:none;border:0;padding:0}
.filters{position:sticky;top:0;z-index:1;margin:0 -6px 14px;padding:10px 6px 8px;background:var(--page);border-bottom:1px solid var(--line)}
.group{display:flex;flex-wrap:wrap;gap:6px;margin:0 0 6px}
.group button{border:1px solid var(--line);border-radius:99px;padding:4px 12px;background:var(--card);color:var(--ink);font:inherit;font-size:13px;cursor:pointer}
.group button[aria-pressed=true]{border-color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent)}
input{flex:1 1 210px;min-width:0;border:1px solid var(--line);border-radius:99px;padding:4px 14px;background:var(--card);color:var(--ink);font:inherit;font-size:13px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,360px),1fr));gap:16px;align-items:start}
article{border:1px solid var(--line);border-radius:14px;background:var(--card);padding:12px;min-width:0;scroll-margin-top:150px}
article:target{border-color:var(--accent);box-shadow:0 0 0 2px var(--accent)}
article[hidden]{display:none}
.head{display:flex;justify-content:space-between;align-items:center;gap:10px;margin-bottom:9px}
.head a{color:var(--soft);font:12px ui-monospace,SFMono-Regular,Menlo,monospace;text-decoration:none;overflow-wrap:anywhere;text-align:right}
.head a:hover{text-decoration:underline}
.badge{flex:none;border-radius:99px;padding:2px 11px;color:#fff;font-size:13px;font-weight:600}
.frames{display:grid;grid-template-columns:1fr 1fr;gap:6px}
figure{margin:0;min-width:0}
figure img{display:block;width:100%;height:auto;border-radius:8px;background:var(--track);cursor:zoom-in}
figcaption{margin-top:2px;color:var(--soft);font-size:12px}
.none div{display:grid;place-items:center;aspect-ratio:4/3;border-radius:8px;background:var(--track);color:var(--soft);font-size:13px}
.instruction{margin:7px 0 4px;font-size:16px;font-weight:600;line-height:1.35;overflow-wrap:anywhere;unicode-bidi:isolate;white-space:pre-line}
.measures{display:flex;flex-wrap:wrap;gap:0 14px;margin:0 0 8px;color:var(--soft);font-size:13px;font-variant-numeric:tabular-nums}
.strip{display:flex;gap:1px;height:6px;border-radius:3px;overflow:hidden;margin:4px 0 7px}
.strip i{flex:1 1 0}
.strip .right{background:var(--ok)}.strip .wrong{background:var(--bad)}
.texts{margin:0;padding:0;list-style:none;font-size:14px}
.texts li{display:grid;grid-template-columns:66px 1fr;gap:0 8px;margin:0 0 4px;padding:3px 9px;border-radius:6px;border-left:4px solid}
.texts .right{border-color:var(--ok);background:var(--ok-soft)}
.texts .wrong{border-color:var(--bad);background:var(--bad-soft)}
.at{color:var(--soft);font-size:12px;line-height:21px;white-space:nowrap;font-variant-numeric:tabular-nums}
.right .at::before{content:"✓ "}
.wrong .at::before{content:"✗ "}
.said,.truth{min-width:0;overflow-wrap:anywhere;unicode-bidi:isolate;white-space:pre-line}
.truth{grid-column:2;color:var(--soft);font-size:13px}
.truth::before{content:"right: "}
details{margin-top:6px;font-size:13px}
summary{color:var(--soft);cursor:pointer}
details dl{margin:6px 0 0;font-size:12px}
details dl div{display:flex;gap:8px}
details dd{font-family:ui-monospace,SFMono-Regular,Menlo,monospace}
dialog{border:0;border-radius:14px;padding:12px;background:var(--card);color:var(--ink);max-width:96vw}
dialog::backdrop{background:rgba(8,10,15,.75)}
dialog img{display:block;width:min(92vw,960px);height:auto;border-radius:8px}
dialog p{margin:8px 4px 0;color:var(--soft)}
@media(max-width:620px){.wide,main{padding:0 12px}section{padding:14px}.filters{position:static}
h1{font-size:24px}.big{font-size:25px}.tiles{grid-template-columns:1fr 1fr}.tile{padding:10px 12px}
.facts{grid-template-columns:1fr}.episodes{padding:0}table,thead th{font-size:12px}
th,td,tfoot th,tfoot td{padding:8px 4px}.draw{min-width:84px}tbody th{white-space:normal;line-height:1.25}wbr{display:inline}.head a{font-size:11px}}
@media print{.filters{display:none}article,section{break-inside:avoid}}
)css";
}

}  // namespace divla::html
