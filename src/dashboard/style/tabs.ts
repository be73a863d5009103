/** The parts of a section, and what the pages about roles and projects have beside the rest. */
export const TABS = `.tabs { display: flex; gap: 4px; border-bottom: 1px solid var(--line); overflow-x: auto; }
.tabs a { padding: 6px 12px; color: var(--muted); font-weight: 550; text-decoration: none; white-space: nowrap; border-bottom: 2px solid transparent; }
.tabs a:hover { color: var(--text); }
.tabs a:focus-visible { outline-offset: -2px; }
.tabs a[aria-current] { color: var(--text); border-bottom-color: var(--accent); }
.lines { white-space: pre-line; }
.cell-wide { min-width: 11rem; max-width: 36rem; }
.clamped, .cell-name .clamped { overflow: hidden; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
.cell-scope { min-width: 9rem; max-width: 20rem; font-weight: 400; overflow-wrap: anywhere; }
.names { display: grid; gap: 4px; overflow-wrap: anywhere; }
.name-filter { max-width: 26rem; }
`;
