/** What the pages about tokens have beside the rest. */
export const TOKENS_PAGES = `.token-hint { overflow-wrap: normal; white-space: nowrap; }
.tag-more { border-color: transparent; background: var(--sunken); color: var(--muted); font-family: inherit; }
`;
