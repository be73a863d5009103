/** One event of the audit log, its proof, and what came of verifying. */
export const EVENT = `.lead { font-size: 17px; line-height: 1.45; overflow-wrap: anywhere; max-width: 62rem; }
.facts .said-erased, .change-value .said-erased, .lead .said-erased { padding: 0 5px; border: 1px dashed var(--line-strong); border-radius: 4px; color: var(--muted); font-size: 0.93em; }
.event-page { display: grid; grid-template-columns: minmax(0, 1.15fr) minmax(0, 1fr); gap: var(--gap); align-items: start; }
.subject { display: inline-flex; flex-wrap: wrap; align-items: baseline; gap: 0 8px; min-width: 0; }
.subject > * { min-width: 0; overflow-wrap: anywhere; }
.subject code { color: var(--muted); font-size: var(--size-small); }
.subject-name { font-weight: 550; }
.facts .when { white-space: normal; }
.beside { margin-left: 8px; }
.alike { display: flex; flex-wrap: wrap; gap: 0 12px; font-size: var(--size-small); }
.alike a { padding: 3px 0; }
.subject > a { display: inline-block; min-width: 24px; padding: 2px 0; }
.aggregate { display: block; }
.change-value { min-width: 9.5rem; overflow-wrap: anywhere; }
.introspections code { font-size: var(--size-small); overflow-wrap: normal; white-space: nowrap; }
.opening + .opening { margin-top: 12px; }
.opening > * + * { margin-top: 4px; }
pre.wrap { max-height: 26rem; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
.neighbours { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: var(--gap); }
.neighbour { display: block; padding: 10px 14px; border: 1px solid var(--line); border-radius: var(--radius); color: var(--text); text-decoration: none; overflow-wrap: anywhere; }
.neighbour > .muted { display: block; font-size: var(--size-small); }
.neighbour:hover { background: var(--surface); color: var(--text); }
.neighbour-after { grid-column: 2; text-align: right; }

.verify > * + *, .report > * + * { margin-top: 12px; }
.report:empty { display: none; }
.report dt::first-letter { text-transform: uppercase; }
.checks { list-style: none; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 400px), 1fr)); gap: 14px var(--gap); }
.check { min-width: 0; padding: 2px 0 2px 12px; border-left: 3px solid var(--line); }
.check-holds { border-left-color: var(--good); }
.check-fails { border-left-color: var(--bad); }
.check-head { display: flex; align-items: baseline; justify-content: space-between; gap: 2px 10px; }
.check > p + p { margin-top: 2px; }
.check-numbers { margin-top: 4px; font-size: var(--size-small); }
.check-numbers > div { padding: 2px 0; border-top: 0; }
.check-progress { width: 100%; accent-color: var(--accent); }
input[type="file"] { padding: 6px; background: var(--surface); }

@media (max-width: 1080px) { .event-page { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 560px) { .neighbours { grid-template-columns: minmax(0, 1fr); } .neighbour-after { grid-column: 1; text-align: left; } }
`;
