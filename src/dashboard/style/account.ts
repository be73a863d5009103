/** What the pages about the account and the settings have beside the rest. */
export const ACCOUNT = `.setting { display: flex; flex-wrap: wrap; align-items: flex-start; justify-content: space-between; gap: 8px 16px; padding-top: 12px; border-top: 1px solid var(--line); }
.setting > div { flex: 1 1 220px; min-width: 0; }
.card-head + .setting { padding-top: 0; border-top: 0; }
.setting .exact { display: inline; }
.button-form { position: relative; }
.colour-preview { display: flex; align-items: center; gap: 12px; }
.colour-preview .mark { width: 40px; height: 40px; }
.qr { display: block; border-radius: var(--radius); background: #fff; }
`;
