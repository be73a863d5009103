/** The stylesheet of the reference page: one accent colour, fonts of the system, light and dark, 360 px and up. */
export const REFERENCE_STYLE = `:root {
  color-scheme: light dark;
  --page: #ffffff;
  --panel: #f5f7f7;
  --line: #dbe1e1;
  --text: #1c2423;
  --muted: #586462;
  --accent: #0b6b59;
  --tint: #e4f2ee;
  --mono: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;
}

@media (prefers-color-scheme: dark) {
  :root {
    --page: #121716;
    --panel: #1a2120;
    --line: #303b39;
    --text: #e2e9e7;
    --muted: #9daba8;
    --accent: #6fd3bb;
    --tint: #1c332e;
  }
}

* { box-sizing: border-box; }

html {
  scroll-padding-top: 1rem;
  -webkit-text-size-adjust: 100%;
  text-size-adjust: 100%;
}

body {
  margin: 0;
  background: var(--page);
  color: var(--text);
  font: 15px/1.55 var(--sans);
  overflow-wrap: break-word;
}

a { color: var(--accent); text-underline-offset: 0.18em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }

.skip {
  position: absolute;
  left: 1rem;
  top: -4rem;
  z-index: 1;
  padding: 0.5rem 0.9rem;
  background: var(--page);
  border: 1px solid var(--accent);
  border-radius: 4px;
}
.skip:focus { top: 0.75rem; }

/* Navigation */

nav { padding: 1rem 1.25rem 0.75rem; border-bottom: 1px solid var(--line); background: var(--panel); }
nav ul { list-style: none; margin: 0; padding: 0; }
nav > ul { display: flex; flex-wrap: wrap; gap: 0 1.1rem; }
nav ul ul { display: none; }
nav a { display: inline-block; padding: 0.3rem 0; text-decoration: none; }
nav a:hover { text-decoration: underline; }
.brand { color: var(--text); font-weight: 650; font-size: 1.05rem; }
.brand span { color: var(--muted); font-weight: 400; }

/* Text */

main { padding: 1.5rem 1.25rem 4rem; min-width: 0; }
h1, h2, h3, h4, h5 { line-height: 1.25; margin: 0; font-weight: 650; }
h1 { font-size: 1.8rem; letter-spacing: -0.015em; }
h2 { font-size: 1.35rem; letter-spacing: -0.01em; }
h3 { font-size: 1.1rem; }
h3 a { color: inherit; text-decoration: none; }
h3 a:hover { text-decoration: underline; }
h4 { font-size: 0.95rem; margin: 1.5rem 0 0.4rem; }
h5 { font-size: 0.88rem; margin: 0.8rem 0 0.3rem; }
p { margin: 0.45rem 0; max-width: 44rem; }
section > p { color: var(--muted); }
main > section { margin-top: 3rem; padding-top: 2rem; border-top: 1px solid var(--line); }
.version { color: var(--muted); }

code { font: 0.88em/1.5 var(--mono); overflow-wrap: anywhere; }
p code, td > p code, .limits code { padding: 0.08em 0.3em; background: var(--panel); border-radius: 3px; }

.type, .place { color: var(--muted); font-size: 0.9em; }
h4 .type { font-weight: 400; }
.required { color: var(--accent); font-size: 0.85em; font-weight: 600; }
.method { font: 600 0.75rem/1.5 var(--mono); letter-spacing: 0.03em; color: var(--accent); }
.label { color: var(--muted); font-size: 0.88em; margin: 0.6rem 0 0; }

/* Operations */

.operation { margin-top: 2.25rem; }
.operation + .operation { padding-top: 2.25rem; border-top: 1px solid var(--line); }
.operation > .explanation { min-width: 0; }
.endpoint { display: flex; gap: 0.6rem; align-items: baseline; margin: 0.35rem 0 0.8rem; max-width: none; }
.endpoint .method { padding: 0.1rem 0.45rem; background: var(--tint); border-radius: 3px; }
.endpoint code { font-size: 0.93rem; padding: 0; background: none; }
.callers { padding-left: 0.75rem; border-left: 2px solid var(--accent); }

.fields { list-style: none; margin: 0; padding: 0; }
.fields > li { padding: 0.55rem 0; border-top: 1px solid var(--line); }
.fields > li:first-child { border-top: 0; }
.fields p { margin: 0.15rem 0; }
.fields .field code { padding: 0; background: none; }
.name { font-weight: 600; font-size: 0.9em; }

.limits { list-style: none; margin: 0.15rem 0 0; padding: 0; color: var(--muted); font-size: 0.88em; }
.limits li { display: inline; }
.limits li:not(:last-child)::after { content: " · "; }

details > summary { cursor: pointer; color: var(--accent); font-size: 0.9em; padding: 0.2rem 0; width: fit-content; }
details > summary:hover { text-decoration: underline; }
details details, .fields details { margin-top: 0.15rem; }
.fields details[open] > .fields, .fields details[open] > .label + .fields { padding-left: 0.9rem; border-left: 1px solid var(--line); }
.content > summary { color: var(--muted); }
.content > summary code { font-size: 0.92em; }
.content > summary .type { color: var(--accent); font-size: 1em; margin-right: 0.3rem; }
.content[open] > .fields { border-top: 1px solid var(--line); margin-top: 0.3rem; }

table { width: 100%; border-collapse: collapse; font-size: 0.95em; }
th, td { text-align: left; vertical-align: top; padding: 0.55rem 0.9rem 0.55rem 0; border-top: 1px solid var(--line); }
thead th { color: var(--muted); font-weight: 500; font-size: 0.88em; padding-top: 0.2rem; border-top: 0; }
tbody th { width: 32%; min-width: 6.5rem; font-weight: 600; overflow-wrap: anywhere; }
tbody th > span { display: block; font-weight: 400; }
tbody th > .required { font-weight: 600; }
td:last-child { padding-right: 0; }
td p { margin: 0.15rem 0; }
.operation:target > header { box-shadow: -0.75rem 0 var(--page), -0.9rem 0 var(--accent); }
tr:target > th, tr:target > td { background: var(--tint); }

.chips { list-style: none; display: flex; flex-wrap: wrap; gap: 0.4rem; margin: 0; padding: 0; }
.chips a {
  display: block;
  padding: 0.1rem 0.5rem;
  border: 1px solid var(--line);
  border-radius: 3px;
  color: var(--muted);
  font-size: 0.85em;
  text-decoration: none;
}
.chips a:hover { border-color: var(--accent); color: var(--accent); }

/* Examples */

.examples { margin-top: 1.25rem; min-width: 0; }
figure { margin: 0 0 1rem; background: var(--panel); border: 1px solid var(--line); border-radius: 5px; }
figcaption { padding: 0.35rem 0.8rem; color: var(--muted); font-size: 0.82em; border-bottom: 1px solid var(--line); }
pre { margin: 0; padding: 0.7rem 0.8rem; font-size: 0.78rem; line-height: 1.55; white-space: pre-wrap; overflow-wrap: anywhere; }
pre code { font-size: inherit; line-height: inherit; -webkit-user-select: all; user-select: all; }

@media (max-width: 30rem) {
  pre { padding: 0.6rem; font-size: 0.72rem; }
}

@media (min-width: 60rem) {
  body { display: grid; grid-template-columns: 16.5rem minmax(0, 1fr); }
  nav {
    position: sticky;
    top: 0;
    height: 100vh;
    overflow-y: auto;
    padding: 1.5rem 1.25rem;
    border-bottom: 0;
    border-right: 1px solid var(--line);
    font-size: 0.9rem;
  }
  nav > ul { display: block; margin-top: 0.9rem; }
  nav > ul > li { margin-bottom: 0.6rem; }
  nav > ul > li > a { font-weight: 600; color: var(--text); }
  nav ul ul { display: block; }
  nav ul ul a { display: flex; justify-content: space-between; align-items: baseline; gap: 0.6rem; padding: 0.16rem 0; color: var(--muted); }
  nav ul ul a:hover { color: var(--text); }
  nav .method { font-size: 0.66rem; color: var(--muted); }
  main { padding: 2.25rem 2.25rem 6rem; max-width: 80rem; }
}

@media (min-width: 75rem) {
  .operation { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 27rem); gap: 0 2.5rem; }
  .operation > header { grid-column: 1 / -1; }
  .examples { margin-top: 0.4rem; }
}

@media (min-width: 90rem) {
  main { max-width: 90rem; }
  .operation { grid-template-columns: minmax(0, 1fr) minmax(0, 33rem); }
}

@media (prefers-contrast: more) {
  :root { --muted: var(--text); --line: var(--muted); }
}

@media print {
  nav, .skip { display: none; }
}
`;
