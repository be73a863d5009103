/** What holds for every page. */
export const BASE = `*, *::before, *::after { box-sizing: border-box; }

html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }

body {
  margin: 0;
  background: var(--canvas);
  color: var(--text);
  font: var(--size)/1.5 var(--sans);
  font-variant-numeric: tabular-nums;
  overflow-wrap: break-word;
}

h1, h2, h3, p, dl, dd, ul, ol, figure, fieldset { margin: 0; padding: 0; }
ul { list-style: none; }
fieldset { border: 0; min-width: 0; }
legend { padding: 0; }
h1 { font-size: var(--size-title); line-height: 1.25; font-weight: 650; letter-spacing: -0.01em; }
h2 { font-size: var(--size-large); line-height: 1.35; font-weight: 650; }
h3 { font-size: var(--size); font-weight: 650; }
p + p { margin-top: 8px; }
a { color: var(--accent); text-underline-offset: 0.18em; text-decoration-thickness: 1px; }
a:hover { color: var(--accent-strong); }
code, .mono, pre { font-family: var(--mono); font-size: 0.93em; }
code { overflow-wrap: anywhere; }
small, .small { font-size: var(--size-small); }
.muted { color: var(--muted); }
.nowrap { white-space: nowrap; }
.number { text-align: right; }
[hidden] { display: none !important; }

:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }

.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  margin: -1px;
  padding: 0;
  border: 0;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

.skip {
  position: absolute;
  left: 1rem;
  top: -4rem;
  z-index: 2;
  padding: 0.5rem 0.9rem;
  background: var(--surface);
  border: 1px solid var(--accent);
  border-radius: var(--radius-small);
}
.skip:focus { top: 0.75rem; }

.icon { flex: none; vertical-align: -3px; }
.mark { flex: none; color: var(--accent); }

@media (prefers-reduced-motion: no-preference) {
  a, button, input, select, textarea { transition: background-color 0.12s, border-color 0.12s, color 0.12s; }
}
`;
