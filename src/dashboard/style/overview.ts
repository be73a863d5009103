/** Short lists in cards, and the first steps. */
export const OVERVIEW = `.rows > li { display: flex; align-items: baseline; justify-content: space-between; gap: 12px; padding: 7px 0; border-top: 1px solid var(--line); }
.rows > li:first-child { border-top: 0; }
.row-name { min-width: 0; overflow-wrap: anywhere; }
.row-name > a { font-weight: 550; }
.row-name code { display: block; color: var(--muted); font-size: var(--size-small); }
.row-side { flex: none; max-width: 55%; text-align: right; }
.steps { list-style: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 220px), 1fr)); gap: 16px; counter-reset: step; }
.step { display: flex; gap: 10px; counter-increment: step; }
.step-mark { flex: none; display: grid; place-items: center; width: 24px; height: 24px; border: 1px solid var(--line-strong); border-radius: 50%; font-size: var(--size-small); font-weight: 650; }
.step-mark:empty::before { content: counter(step); }
.step-done .step-mark { border-color: transparent; background: var(--good-soft); color: var(--good); }
`;
