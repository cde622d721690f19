#include "harness/report/html_parts.h"

namespace divla::html {

std::string_view Style() {
  // Colours are variables, given twice: light, and dark by the reader's preference. The kinds of ending keep their
  // colour in both, dark enough for white numbers; meaning is always also in words, never in colour alone.
  return R"css(:root{color-scheme:light dark;--page:#f5f6f8;--card:#fff;--ink:#1b2230;--soft:#5a6475;--line:#dfe3ea;
--track:#eceff4;--accent:#2456c9;--band:#8fb0f2;--warn-ink:#7a4a00;--warn:#fff3d6;
--ok:#1f8050;--bad:#b42332;--ok-soft:#e6f4ec;--bad-soft:#fbe9ea;
--gain:#1d5fd1;--loss:#b3530b;--area:#2456c926;
--l0:#eceff4;--l1:#fdebd9;--l2:#fbcf9f;--l3:#f0a45f;--l4:#dd7a26;--l5:#8f3d00;
--g1:#e3eefb;--g2:#bcd7f5;--g3:#86b6ec;--g4:#5694dd;--g5:#174f9e;--heat:#1b2230;--deep:#fff;
--f0:#475569;--f1:#c2410c;--f2:#a16207;--f3:#a21caf;--f4:#1d5fd1;--f5:#64748b;--f6:#7c3aed;--f7:#be123c}
@media(prefers-color-scheme:dark){:root{--page:#12151b;--card:#1b2029;--ink:#e7eaf0;--soft:#9aa5b8;--line:#2d3542;
--track:#2a313d;--accent:#8fb4ff;--band:#3d63b3;--warn-ink:#ffd98a;--warn:#3a2e12;
--gain:#8fb4ff;--loss:#f0a35a;--area:#8fb4ff2e;
--l0:#2a313d;--l1:#3d2f20;--l2:#5d3f1d;--l3:#87551b;--l4:#cf8530;--l5:#f3ae62;
--g1:#213048;--g2:#264370;--g3:#2d5c9f;--g4:#6a9fe6;--g5:#a8cbff;--heat:#e7eaf0;--deep:#10141a;
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
tbody th:first-child,tfoot th:first-child,thead th:first-child{position:sticky;left:0;background:var(--card);z-index:1}
tbody th{font-weight:600;white-space:normal;min-width:215px;line-height:1.25}
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
.stack button,.stack span{border:0;padding:0;min-width:3px;color:#fff;font-size:13px;font-weight:600;line-height:26px;font-family:inherit;text-align:center}
.stack button{cursor:pointer}
.legend{display:flex;flex-wrap:wrap;gap:3px 16px;margin:7px 0 0;padding:0;list-style:none;font-size:13px}
.legend i,.group i{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:6px}
.measured{margin:-12px 0 16px;color:var(--soft)}
nav{position:sticky;top:0;z-index:3;background:var(--card);border-bottom:1px solid var(--line)}
nav .wide{display:flex;gap:4px 18px;overflow-x:auto;padding-top:8px;padding-bottom:8px;font-size:14px;white-space:nowrap}
nav a{color:var(--accent);text-decoration:none}
nav a:hover{text-decoration:underline}
section,.pair,article{scroll-margin-top:48px}
.lead{margin:-6px 0 12px}
.findings,.verdicts{margin:0;padding:0;list-style:none}
.findings li{margin:0 0 7px;padding-left:14px;border-left:3px solid var(--band);overflow-wrap:anywhere}
.verdicts{margin:14px 0}
.verdicts li{margin:0 0 7px}
.verdicts li>span:last-child{color:var(--soft)}
.badge.yes{background:#1d5fd1}.badge.no{background:#a14a06}.badge.unclear{background:#5b6577}
.heat{width:auto;border-spacing:3px;border-collapse:separate;margin:0 0 10px}
.heat caption{text-align:left;font-weight:600;padding:0 0 4px}
.heat th,.heat td{border:0}
.heat th{padding:2px 8px}
.heat tbody th{min-width:0;font-weight:400;white-space:nowrap}
.heat td{min-width:104px;padding:4px 8px;border-radius:6px;text-align:center;line-height:1.25;color:var(--heat)}
.heat td b{display:block;font-weight:500}
.heat td small{color:inherit;font-size:11px}
.heat td.shown{box-shadow:inset 0 0 0 2px currentcolor}
.heat td.shown b{font-weight:750}
.heat .void{color:var(--soft)}
.maps{display:flex;flex-wrap:wrap;gap:6px 34px}
.maps>.scroll{max-width:100%}
.l0,.g0{background:var(--l0)}.l1{background:var(--l1)}.l2{background:var(--l2)}.l3{background:var(--l3)}
.l4{background:var(--l4)}.l5{background:var(--l5)}.g1{background:var(--g1)}.g2{background:var(--g2)}
.g3{background:var(--g3)}.g4{background:var(--g4)}.g5{background:var(--g5)}
.heat td.l5,.heat td.g5{color:var(--deep)}
.key{padding:1px 8px;border-radius:5px;color:var(--heat)}
.key.shown{box-shadow:inset 0 0 0 2px currentcolor}
.key.l4,.key.g4,.heat td.l4,.heat td.g4{color:#10141a}
.unseen{font-weight:650;color:var(--loss)}
.curves{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));gap:14px 22px}
.curve figcaption{font-size:14px;font-weight:600;color:var(--ink)}
.curve svg{display:block;width:100%;height:auto}
.curve text{font-size:12px;fill:var(--soft)}
.curve text.clean,.curve text.perturbed{font-weight:600}
.grid{stroke:var(--line)}
.line{fill:none;stroke-width:2.2}
.line.clean{stroke:var(--gain)}.line.perturbed{stroke:var(--loss);stroke-dasharray:5 3}
.curve text.clean{fill:var(--gain)}.curve text.perturbed{fill:var(--loss)}
.area{fill:var(--area)}
svg.whisker{display:inline-block;vertical-align:middle}
.whisker line{stroke:currentcolor;stroke-width:2}
.whisker .zero{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 2}
.whisker circle{fill:currentcolor}
.whisker.gain{color:var(--gain)}.whisker.loss{color:var(--loss)}.whisker.open{color:var(--soft)}
.scale.whisker{display:inline-flex;width:220px}
.bar{display:grid;grid-template-columns:minmax(110px,190px) 1fr;gap:10px;align-items:center;margin:0 0 6px}
.bar .name{font-size:14px;line-height:1.2;overflow-wrap:anywhere}
.real{color:var(--soft);border-left:1px dashed var(--line)}
td.empty{text-align:left;color:var(--soft)}
.episodes{background:none;border:0;padding:0}
#more{display:block;margin:16px auto;padding:7px 20px;border:1px solid var(--line);border-radius:99px;background:var(--card);color:var(--ink);font:inherit;cursor:pointer}
#more[hidden]{display:none}
label{display:inline-flex;align-items:center;gap:6px;min-width:0;font-size:13px;color:var(--soft)}
select{max-width:240px;min-width:0;border:1px solid var(--line);border-radius:99px;padding:4px 10px;background:var(--card);color:var(--ink);font:inherit;font-size:13px}
.filters{position:sticky;top:38px;z-index:2;margin:0 -6px 14px;padding:10px 6px 8px;background:var(--page);border-bottom:1px solid var(--line)}
.group{display:flex;flex-wrap:wrap;gap:6px;margin:0 0 6px}
.group button{border:1px solid var(--line);border-radius:99px;padding:4px 12px;background:var(--card);color:var(--ink);font:inherit;font-size:13px;cursor:pointer}
.group button[aria-pressed=true]{border-color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent)}
input{flex:1 1 210px;min-width:0;border:1px solid var(--line);border-radius:99px;padding:4px 14px;background:var(--card);color:var(--ink);font:inherit;font-size:13px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,360px),1fr));gap:16px;align-items:start}
article{border:1px solid var(--line);border-radius:14px;background:var(--card);padding:12px;min-width:0;scroll-margin-top:190px}
article:target{border-color:var(--accent);box-shadow:0 0 0 2px var(--accent)}
.head{display:flex;justify-content:space-between;align-items:center;gap:10px;margin-bottom:9px}
.head a{color:var(--soft);font:12px ui-monospace,SFMono-Regular,Menlo,monospace;text-decoration:none;overflow-wrap:anywhere;text-align:right}
.head a:hover{text-decoration:underline}
.badge{flex:none;border-radius:99px;padding:2px 11px;color:#fff;font-size:13px;font-weight:600}
.film{display:grid;grid-template-columns:1fr 1fr;gap:6px}
.film.long{grid-template-columns:none;grid-auto-flow:column;grid-auto-columns:46%;overflow-x:auto}
.under{margin:2px 0 0;padding:2px 6px;border-radius:5px;font-size:12px;line-height:1.3;overflow-wrap:anywhere;unicode-bidi:isolate;
display:-webkit-box;-webkit-line-clamp:3;-webkit-box-orient:vertical;overflow:hidden}
.under.right{background:var(--ok-soft)}.under.wrong{background:var(--bad-soft)}
figure{margin:0;min-width:0}
.video{display:block;width:100%;border-radius:8px;background:#181a1e;margin-top:6px}
@media print{.video{display:none}}
.film img{display:block;width:100%;height:auto;border-radius:8px;background:var(--track);cursor:zoom-in}
figcaption{margin-top:2px;color:var(--soft);font-size:12px}
.none{margin:0;grid-column:1/-1;color:var(--soft);font-size:13px}
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
.place{grid-column:2;color:var(--soft);font-size:12px}
details{margin-top:6px;font-size:13px}
summary{color:var(--soft);cursor:pointer}
details dl{margin:6px 0 0;font-size:12px}
details dl div{display:flex;gap:8px}
details dd{font-family:ui-monospace,SFMono-Regular,Menlo,monospace}
dialog{border:0;border-radius:14px;padding:12px;background:var(--card);color:var(--ink);max-width:96vw}
dialog::backdrop{background:rgba(8,10,15,.75)}
dialog img{display:block;width:min(92vw,960px);height:auto;border-radius:8px}
dialog p{margin:8px 4px 0;color:var(--soft)}
@media(max-width:620px){.wide,main{padding:0 12px}section{padding:14px}.filters{position:static}.bar{grid-template-columns:1fr;gap:2px;margin-bottom:10px}.heat td{min-width:88px}.heat tbody th{white-space:normal}article{scroll-margin-top:52px}
h1{font-size:24px}.big{font-size:25px}.tiles{grid-template-columns:1fr 1fr}.tile{padding:10px 12px}
.facts{grid-template-columns:1fr}.episodes{padding:0}table,thead th{font-size:12px}
th,td,tfoot th,tfoot td{padding:8px 4px}.draw{min-width:84px}tbody th{min-width:0}.head a{font-size:11px}}
@media print{:root{--page:#fff}nav,.filters,#more{display:none}section,article,.curve{break-inside:avoid}
section{border:0;padding:0}.scroll{overflow:visible}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
table{font-size:10px}th,td{padding:3px 4px;white-space:normal}.draw{min-width:70px}}
)css";
}

}  // namespace divla::html
