/** The page of one token, and those on which it is changed. */
export const TOKEN_DETAIL = `.stack-small > * + * { margin-top: 8px; }
.token-line { display: flex; flex-wrap: wrap; align-items: center; gap: 10px; }
.token-description { max-width: 46rem; white-space: pre-line; }
.metadata-value { white-space: pre-wrap; }
.quoted { overflow-wrap: anywhere; }
.bad { color: var(--bad); }
.narrow-wide { max-width: 46rem; }
.boxes > * + * { margin-top: 10px; }
.boxes .choices { grid-template-columns: repeat(auto-fit, minmax(min(100%, 190px), 1fr)); gap: 8px; }
.boxes .choice { padding: 8px 10px; border: 1px solid var(--line-strong); border-radius: var(--radius-small); background: var(--surface); cursor: pointer; }
.boxes .choice:has(:checked) { border-color: var(--accent); background: var(--accent-soft); }
.boxes:not(:has(input[value="custom"]:checked)) .box-detail:not(:has(.problem)) { display: none; }
.box-detail { max-width: 17rem; }
.stat code { display: block; color: var(--muted); }
.reliance .when { white-space: normal; }
@media (max-width: 560px) { .reliance { grid-template-columns: minmax(0, 1fr); } }
`;
