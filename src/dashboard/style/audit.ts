/** The list of events, its filters and its export. */
export const AUDIT = `.log-filters { align-items: flex-start; }
.log-filters > .button { align-self: flex-end; }
.log-filters > .field { flex: 1 1 120px; }
.log-filters > .field:first-of-type { flex: 3 1 220px; }
.log-filters > details { flex: 1 0 100%; }
.log-filters input, .log-filters select { height: 34px; }
.log-filters-rare { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 170px), 1fr)); gap: 10px; }
.log-filter-fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 190px), 1fr)); gap: 12px; }
.log-filter-fields > .log-filters-rare { grid-column: 1 / -1; }
.log-tools { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 8px; }
.log-tools > a:only-child { margin-left: auto; }

.live { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; }
.live-dot { width: 8px; height: 8px; border-radius: 50%; background: var(--line-strong); }
.live [aria-pressed="true"] { border-color: var(--accent); color: var(--accent-strong); background: var(--accent-soft); }
.live [aria-pressed="true"] .live-dot { background: var(--accent); }

.events th, .events td { padding-inline: 10px; }
.events .event-said { min-width: 17rem; font-weight: 400; overflow-wrap: anywhere; }
.event-said a { color: var(--text); text-decoration: none; }
.event-said a:hover { color: var(--accent); text-decoration: underline; }
.event-action { display: block; color: var(--muted); font-size: var(--size-small); }
.event-actor { min-width: 8rem; max-width: 13rem; overflow-wrap: anywhere; }
.event-actor a { color: inherit; text-decoration: none; }
.event-actor a:hover { color: var(--accent); text-decoration: underline; }
.event-actor .said-name { font-weight: 400; }
.event-source { min-width: 8rem; max-width: 12rem; overflow-wrap: anywhere; }
.said-name { font-weight: 600; }
.said-erased { color: var(--muted); }
@media (prefers-reduced-motion: no-preference) {
  .event-new { animation: event-new 2s ease-out; }
  @keyframes event-new { from { background: var(--accent-soft); } }
}

@media (max-width: 700px) {
  .events thead { display: none; }
  .events table, .events tbody { display: block; }
  .events tr { display: flex; flex-wrap: wrap; gap: 2px 10px; padding: 10px 14px; }
  .events tr > * { min-width: 0 !important; max-width: none; padding: 0 !important; }
  .events .event-said { flex: 1 0 100%; }
  .events tr > :last-child { flex: 1 0 100%; }
  .events .exact { display: inline; }
}
`;
