/** Cards, tables, badges, numbers: what pages are made of. */
export const CONTENT = `.card { padding: 16px 18px; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); box-shadow: var(--shadow); }
.card > * + * { margin-top: 12px; }
.card-head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 8px; }
.card .table-wrap { margin-inline: -18px; border-width: 1px 0 0; border-radius: 0; box-shadow: none; }
.card .table-wrap:last-child { margin-bottom: -16px; border-radius: 0 0 var(--radius) var(--radius); }

.table-wrap { overflow-x: auto; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); box-shadow: var(--shadow); }
.table-wrap:focus-visible { outline-offset: -2px; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 8px 12px; text-align: left; vertical-align: top; }
th:first-child, td:first-child { padding-left: 18px; }
th:last-child, td:last-child { padding-right: 18px; }
thead th { color: var(--muted); font-size: var(--size-small); font-weight: 600; white-space: nowrap; background: var(--sunken); }
tbody th { font-weight: 600; }
tbody tr { border-top: 1px solid var(--line); }
tbody tr:hover { background: color-mix(in srgb, var(--sunken) 55%, transparent); }
td.number, th.number { text-align: right; }
.cell-name { min-width: 11rem; max-width: 22rem; overflow-wrap: anywhere; }
.cell-name .small, .cell-name code { font-weight: 400; color: var(--muted); display: block; }
.cell-address { min-width: 8.5rem; max-width: 13rem; overflow-wrap: anywhere; }
.row-actions { white-space: nowrap; text-align: right; }
.when { white-space: nowrap; }
.exact { display: block; color: var(--muted); font-size: var(--size-small); }
.facts .exact { display: inline; }

.badge {
  display: inline-block;
  padding: 0 7px;
  border: 1px solid var(--line);
  border-radius: 99px;
  background: var(--sunken);
  color: var(--muted);
  font-size: var(--size-small);
  font-weight: 600;
  line-height: 19px;
  white-space: nowrap;
}
.badge-good { border-color: transparent; background: var(--good-soft); color: var(--good); }
.badge-warn { border-color: transparent; background: var(--warn-soft); color: var(--warn); }
.badge-bad { border-color: transparent; background: var(--bad-soft); color: var(--bad); }
.badge-accent { border-color: transparent; background: var(--accent-soft); color: var(--accent-strong); }
.tags { display: flex; flex-wrap: wrap; gap: 4px; }
.tag { padding: 0 6px; border: 1px solid var(--line); border-radius: 4px; background: var(--surface); font-family: var(--mono); font-size: var(--size-small); line-height: 19px; overflow-wrap: anywhere; }

.facts { display: grid; gap: 0; }
.facts > div { display: grid; grid-template-columns: minmax(110px, 170px) minmax(0, 1fr); gap: 12px; padding: 6px 0; border-top: 1px solid var(--line); }
.facts > div:first-child { border-top: 0; }
.facts dt { color: var(--muted); }
.facts dd { min-width: 0; overflow-wrap: anywhere; }

.stats { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 1px; overflow: hidden; border: 1px solid var(--line); border-radius: var(--radius); background: var(--line); box-shadow: var(--shadow); }
.stat { padding: 12px 16px; background: var(--surface); }
.stat-value { font-size: 22px; font-weight: 650; letter-spacing: -0.01em; line-height: 1.3; }
.stat-label { color: var(--muted); font-size: var(--size-small); }
a.stat { color: inherit; text-decoration: none; }
a.stat:hover { background: var(--sunken); }

.event-list { list-style: none; }
.event-list > li { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 2px 16px; padding: 7px 0; border-top: 1px solid var(--line); }
.event-list > li:first-child { border-top: 0; }
.event-list a { min-width: 0; color: inherit; text-decoration: none; overflow-wrap: anywhere; }
.event-list a:hover { color: var(--accent); text-decoration: underline; }
.event-list .exact { display: inline; margin-left: 6px; }
.event-list .when { color: var(--muted); }

.empty { padding: 36px 24px; border: 1px dashed var(--line-strong); border-radius: var(--radius); text-align: center; color: var(--muted); }
.empty-title { color: var(--text); font-weight: 600; }
.empty .actions { justify-content: center; margin-top: 14px; }
.pager { display: flex; justify-content: flex-end; gap: 16px; }

pre { margin: 0; padding: 12px; border: 1px solid var(--line); border-radius: var(--radius-small); background: var(--sunken); overflow-x: auto; font-size: var(--size-small); line-height: 1.55; }
details > summary { cursor: pointer; color: var(--accent); width: fit-content; }
details[open] > summary { margin-bottom: 8px; }

@media (max-width: 560px) {
  .facts > div { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .card { padding: 14px; }
  .card .table-wrap { margin-inline: -14px; }
  .card .table-wrap:last-child { margin-bottom: -14px; }
  th:first-child, td:first-child { padding-left: 14px; }
  th:last-child, td:last-child { padding-right: 14px; }
}
`;
