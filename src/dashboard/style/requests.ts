/** The list of calls. */
export const REQUESTS = `.call-filters { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 155px), 1fr)); align-items: start; }
.call-filters > .button { align-self: end; justify-self: start; }
.call-filters input, .call-filters select { height: 34px; }
.calls th, .calls td { padding-inline: 10px; }
.calls .call-said { min-width: 15rem; font-weight: 400; overflow-wrap: anywhere; }
.call-method { font-weight: 650; }
.call-request, .call-kind, .call-agent { display: block; color: var(--muted); font-size: var(--size-small); }
.call-request { font-family: var(--mono); text-decoration: none; }
.call-request:hover { color: var(--accent); text-decoration: underline; }
.calls .call-who { min-width: 9rem; max-width: 15rem; overflow-wrap: anywhere; }
.calls .call-source { min-width: 8rem; max-width: 13rem; overflow-wrap: anywhere; }
.call-agent { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }

@media (max-width: 700px) {
  .calls thead { display: none; }
  .calls table, .calls tbody { display: block; }
  .calls tr { display: flex; flex-wrap: wrap; gap: 2px 10px; padding: 10px 14px; }
  .calls tr > * { min-width: 0 !important; max-width: none; padding: 0 !important; }
  .calls .call-said, .calls .call-source, .calls tr > :last-child { flex: 1 0 100%; }
  .calls .call-source { order: 1; }
  .calls tr > :last-child { order: 2; }
  .calls .exact, .call-kind { display: inline; }
}
`;
