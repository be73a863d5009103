/** What the pages about tokens have beside the rest. */
export const TOKENS_PAGES = `.token-hint { overflow-wrap: normal; white-space: nowrap; }
.tag-more { border-color: transparent; background: var(--sunken); color: var(--muted); font-family: inherit; }
.token-role { display: block; overflow-wrap: anywhere; }
.token-role + .tags { margin-top: 4px; }
.token-filters > .field { flex: 1 1 130px; }
.token-filters > .field:first-child { flex: 3 1 240px; }
.token-filters > details { flex: 1 0 100%; }
.token-filters details > div { display: grid; grid-template-columns: repeat(auto-fill, minmax(140px, 1fr)); gap: 10px; }
.token-filters :is(input, select) { height: 34px; }
.has-scripts .filter-submit { display: none; }
.tokens :is(th, td) { padding-inline: 8px; }
.tokens :is(th, td):first-child { padding-left: 18px; }
.tokens :is(th, td):last-child { padding-right: 18px; }
.tokens .exact { font-size: 11px; }
.tokens .cell-name { min-width: 10rem; }
.tokens .cell-name a { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.tokens .cell-name .token-note { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.tokens .tag { max-width: 12rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.cell-scopes { min-width: 10rem; }
.cell-belongs { min-width: 6.5rem; max-width: 12rem; }
.cell-belongs > bdi { display: block; }
.issue, .issued { max-width: 46rem; }
.expiry .choices { display: grid; grid-template-columns: repeat(auto-fit, minmax(112px, 1fr)); gap: 8px; }
.expiry .choice { padding: 8px 10px; border: 1px solid var(--line-strong); border-radius: var(--radius-small); cursor: pointer; }
.expiry .choice:has(:checked) { border-color: var(--accent); background: var(--accent-soft); }
.expiry:not(:has(input[value="date"]:checked)) .expiry-date:not(:has(.problem)) { display: none; }
.expiry-date { max-width: 17rem; }
.scope-choices { grid-template-columns: repeat(auto-fill, minmax(min(100%, 240px), 1fr)); max-height: 22rem; padding: 10px 12px; border: 1px solid var(--line); border-radius: var(--radius-small); overflow-y: auto; }
.narrow-choices { margin-bottom: 8px; }
.reserved-scopes .alert { margin-bottom: 10px; }
`;
