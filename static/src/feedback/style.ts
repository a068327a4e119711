// How the embedded form looks. A constructed sheet is allowed under a policy that forbids inline styles.
export const STYLE = `
:host{all:initial;--paper:#fff;--ink:#1b2421;--soft:#4f5c57;--line:#d8d4c8;--strong:#7c8782;--wash:#f6f4ee;--bad:#a3261c;--badwash:#fbe9e6;--link:#0d5c4d;--seal:#fbecc8;--sealink:#664400;color-scheme:light}
.all{all:initial;display:contents;color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
:host([data-theme=dark]){--paper:#18201d;--ink:#e6ece9;--soft:#a7b4ae;--line:#2d3834;--strong:#7d8a84;--wash:#0f1513;--bad:#ffa297;--badwash:#3a1d1a;--link:#74d3ba;--seal:#392d12;--sealink:#f4d08a;color-scheme:dark}
*,::before,::after{box-sizing:border-box}
[hidden]{display:none!important}
button,input,textarea{font:inherit;color:inherit}
button,label,a{cursor:pointer}
:focus-visible{outline:3px solid #0b57c4;outline-offset:2px}
:host([data-theme=dark]) :focus-visible{outline-color:#8fbcff}
.tab{position:fixed;left:16px;bottom:16px;z-index:2147482990;display:flex;gap:8px;align-items:center;min-height:44px;padding:8px 18px 8px 14px;border:0;border-radius:22px;background:var(--c);color:var(--w);font-weight:600;box-shadow:0 4px 18px rgba(0,0,0,.25)}
.tab:hover{box-shadow:inset 0 0 0 99px rgba(0,0,0,.12),0 4px 18px rgba(0,0,0,.25)}
svg{flex:none;width:20px;height:20px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
dialog{width:min(480px,calc(100vw - 24px));max-height:calc(100dvh - 24px);padding:0;overflow:auto;border:1px solid var(--line);border-radius:18px;background:var(--paper);color:var(--ink);box-shadow:0 12px 48px rgba(0,0,0,.3)}
dialog::backdrop{background:rgba(0,0,0,.45)}
form,.done{display:grid;gap:14px;padding:22px 24px 20px}
.head{display:flex;gap:12px;align-items:start;justify-content:space-between}
h2{margin:0;font-size:20px;line-height:1.25}
p{margin:0}
.soft{color:var(--soft);font-size:14px}
.x{display:grid;place-items:center;flex:none;width:40px;height:40px;margin:-6px -10px 0 0;border:0;border-radius:50%;background:none}
.x:hover{background:rgba(127,140,134,.2)}
fieldset{display:grid;grid-template-columns:repeat(4,1fr);gap:6px;margin:0;padding:0;border:0}
legend{margin-bottom:6px;padding:0;font-weight:600}
.kind{position:relative;display:grid;place-items:center;min-height:44px;padding:4px 6px;border:1px solid var(--strong);border-radius:12px;font-size:15px;font-weight:600;text-align:center}
.kind input{position:absolute;inset:0;margin:0;opacity:0;cursor:pointer}
.kind:has(:checked){border-color:var(--c);background:var(--c);color:var(--w)}
.kind:has(:focus-visible){outline:3px solid #0b57c4;outline-offset:2px}
.field{display:grid;gap:4px}
.field label{font-weight:600}
.field input,.field textarea{width:100%;min-height:44px;padding:9px 12px;border:1px solid var(--strong);border-radius:10px;background:var(--paper)}
.field textarea{min-height:120px;resize:vertical}
[aria-invalid=true]{border-color:var(--bad)!important}
.bad{color:var(--bad);font-size:14px}
.alert{padding:9px 12px;border-radius:10px;background:var(--badwash);color:var(--bad)}
.page{display:flex;gap:10px;align-items:start;font-size:14px}
.page input{flex:none;width:20px;height:20px;margin:1px 0 0;accent-color:var(--c)}
.page span{overflow-wrap:anywhere}
.similar{padding:10px 14px;border:1px solid var(--line);border-radius:12px;background:var(--wash);font-size:15px}
.similar ul{display:grid;gap:8px;margin:6px 0 0;padding:0;list-style:none}
.similar li{display:grid;gap:0}
a{color:var(--link)}
.send{min-height:46px;padding:8px 24px;border:0;border-radius:23px;background:var(--c);color:var(--w);font-weight:700}
.send:hover{box-shadow:inset 0 0 0 99px rgba(0,0,0,.12)}
.send[aria-disabled=true]{opacity:.65}
.second{min-height:44px;padding:8px 18px;border:1px solid var(--strong);border-radius:22px;background:none;font-weight:600;text-decoration:none;color:var(--ink)}
.row{display:flex;flex-wrap:wrap;gap:10px;align-items:center}
.code{display:block;padding:12px 14px;border:1px dashed var(--strong);border-radius:12px;background:var(--seal);color:var(--sealink);font:600 18px/1.4 ui-monospace,Menlo,monospace;letter-spacing:.04em;overflow-wrap:anywhere;user-select:all}
@media (max-width:480px){dialog{width:100vw;max-width:none;height:100dvh;max-height:none;margin:0;border:0;border-radius:0}fieldset{grid-template-columns:repeat(2,1fr)}form,.done{padding:18px 16px 24px}.tab{padding-inline:14px}}
@media print{.tab,dialog{display:none}}`;
