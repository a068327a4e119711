// How the launcher, the frame and the greeting look, inside a shadow root that the page's own style does not reach. It does
// reach the element that holds the root, and wins there against what is not important: themes hide every empty `div`.
export const STYLE = `
:host{all:initial!important;direction:ltr!important}
.launch{position:fixed;right:16px;bottom:16px;width:60px;height:60px;border:0;border-radius:30px 30px 6px 30px;cursor:pointer;
background:var(--c);color:var(--w);box-shadow:0 4px 18px rgba(0,0,0,.28);z-index:2147483000;display:grid;place-items:center;transition:transform .15s}
.launch:hover{transform:translateY(-2px)}
button:focus-visible{outline:3px solid var(--w);outline-offset:-6px;box-shadow:0 0 0 3px var(--c),0 4px 18px rgba(0,0,0,.28)}
svg{width:30px;height:30px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
b{position:absolute;top:-4px;right:-4px;min-width:22px;height:22px;border-radius:11px;background:#b3261e;color:#fff;
font:700 13px/22px system-ui,sans-serif;text-align:center;padding:0 5px;box-sizing:border-box}
iframe{position:fixed;right:16px;bottom:88px;width:384px;height:min(620px,calc(100dvh - 112px));border:0;border-radius:16px;
background:transparent;color-scheme:normal;box-shadow:0 12px 48px rgba(0,0,0,.3);z-index:2147483001}
.greet{position:fixed;right:16px;bottom:88px;max-width:min(300px,calc(100vw - 32px));display:flex;z-index:2147483000;border-radius:16px 16px 4px 16px;
background:#fff;color:#1b2421;box-shadow:0 8px 32px rgba(0,0,0,.24)}
.greet button{border:0;background:none;color:inherit;font:16px/1.4 system-ui,sans-serif;cursor:pointer;text-align:left;padding:14px 4px 14px 16px;border-radius:inherit}
.greet button:last-child{flex:none;width:44px;padding:0;font-size:22px;text-align:center}
.greet button:focus-visible{outline:3px solid var(--c);outline-offset:-4px;box-shadow:none}
[hidden]{display:none!important}
@media (prefers-color-scheme:dark){.greet{background:#18201d;color:#e6ece9}}
@media (max-width:480px),(max-height:480px){iframe{inset:0;width:100%;height:100%;height:100dvh;border-radius:0}.open .launch{display:none}}
@media (prefers-reduced-motion:reduce){.launch{transition:none}.launch:hover{transform:none}}
@media print{.launch,.greet,iframe{display:none}}`;
