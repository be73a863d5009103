/** What the pages about members have beside the rest. */
export const MEMBERS = `.member-filters > .field { flex: 1 1 130px; }
.member-filters > .field:first-child { flex: 3 1 240px; }
.member-filters :is(input, select) { height: 34px; }
.cell-member { min-width: 14rem; }
.cell-tags { min-width: 8rem; max-width: 16rem; }
.name { overflow-wrap: anywhere; }
.notes { padding-left: 18px; list-style: disc; }
.notes > li + li { margin-top: 6px; }
.event-list > li { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 2px 16px; padding: 7px 0; border-top: 1px solid var(--line); }
.event-list > li:first-child { border-top: 0; }
.event-list .sentence { min-width: 0; overflow-wrap: anywhere; }
.event-list a { color: inherit; text-decoration: none; }
.event-list a:hover { text-decoration: underline; }
.event-list .exact { display: inline; margin-left: 6px; }
.granted > li { padding: 6px 0; border-top: 1px solid var(--line); }
.granted > li:first-child { border-top: 0; }
.granted .tags { margin-top: 4px; }
`;
