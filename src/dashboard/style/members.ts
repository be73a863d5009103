/** What the pages about members have beside the rest. */
export const MEMBERS = `.member-filters > .field { flex: 1 1 130px; }
.member-filters > .field:first-child { flex: 3 1 240px; }
.member-filters :is(input, select) { height: 34px; }
.cell-member { min-width: 14rem; }
.cell-tags { min-width: 8rem; max-width: 16rem; }
.name { overflow-wrap: anywhere; }
.notes { padding-left: 18px; list-style: disc; }
.notes > li + li { margin-top: 6px; }
.granted > li { padding: 6px 0; border-top: 1px solid var(--line); }
.granted > li:first-child { border-top: 0; }
.granted .tags { margin-top: 4px; }
`;
