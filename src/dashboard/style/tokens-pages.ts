/** What the pages about tokens have beside the rest. */
export const TOKENS_PAGES = `.token-hint { overflow-wrap: normal; white-space: nowrap; }
.tag-more { border-color: transparent; background: var(--sunken); color: var(--muted); font-family: inherit; }
.token-role { display: block; overflow-wrap: anywhere; }
.token-role + .tags { margin-top: 4px; }
.token-filters > .field:first-child { flex: 1 1 240px; }
.token-filters > details { flex: 1 0 100%; }
.has-scripts .filter-submit { display: none; }
.tokens th, .tokens td { padding-inline: 8px; }
.tokens th:first-child, .tokens td:first-child { padding-left: 18px; }
.tokens th:last-child, .tokens td:last-child { padding-right: 18px; }
.tokens .exact { font-size: 11px; }
.cell-scopes { min-width: 9rem; max-width: 16rem; }
.cell-belongs { max-width: 10rem; overflow-wrap: anywhere; }
`;
