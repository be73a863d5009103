/** The frame: navigation beside the page, above it where there is no room; a card for those who have not signed in. */
export const LAYOUT = `.app {
  display: grid;
  grid-template-columns: 216px minmax(0, 1fr);
  min-height: 100vh;
  background: linear-gradient(to right, var(--surface) 215px, var(--line) 215px 216px, var(--canvas) 216px);
}

.side {
  position: sticky;
  top: 0;
  display: flex;
  flex-direction: column;
  gap: 14px;
  height: 100vh;
  padding: 16px 12px;
  overflow-y: auto;
}

.workspace {
  display: flex;
  align-items: center;
  gap: 10px;
  padding: 2px 8px;
  color: var(--text);
  font-weight: 650;
  text-decoration: none;
}
.workspace-name { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; overflow-wrap: anywhere; line-height: 1.25; }

.switch {
  display: grid;
  grid-template-columns: 1fr 1fr;
  gap: 2px;
  padding: 2px;
  border-radius: var(--radius-small);
  background: var(--sunken);
}
.switch a {
  padding: 3px 8px;
  border-radius: 4px;
  color: var(--muted);
  font-size: var(--size-small);
  font-weight: 600;
  text-align: center;
  text-decoration: none;
}
.switch a[aria-current] { background: var(--surface); color: var(--text); box-shadow: var(--shadow); }
@media (prefers-color-scheme: dark) { .switch a[aria-current] { background: #2b3533; } }
.app-test .switch a[aria-current] { background: var(--warn-soft); color: var(--warn); }

.menu { display: flex; flex-direction: column; gap: 14px; flex: 1; }
.menu-title {
  padding: 0 8px 4px;
  color: var(--muted);
  font-size: 11px;
  font-weight: 600;
  letter-spacing: 0.04em;
  text-transform: uppercase;
}
.menu-link {
  display: flex;
  align-items: center;
  gap: 10px;
  width: 100%;
  padding: 5px 8px;
  border: 0;
  border-radius: var(--radius-small);
  background: none;
  color: var(--muted);
  font: inherit;
  text-align: left;
  text-decoration: none;
  cursor: pointer;
}
.menu-link span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.menu-link:hover { background: var(--sunken); color: var(--text); }
.menu-link[aria-current="page"] { background: var(--accent-soft); color: var(--accent-strong); font-weight: 600; }
.me { padding-top: 10px; border-top: 1px solid var(--line); }

.test-band {
  padding: 3px 32px;
  background: var(--warn-soft);
  color: var(--warn);
  font-size: var(--size-small);
  font-weight: 600;
}
.page { max-width: 1160px; padding: 26px 32px 64px; }
.page > * + * { margin-top: 20px; }
.page-head { display: flex; flex-wrap: wrap; align-items: flex-end; justify-content: space-between; gap: 12px; }
.page-head > div:first-child { min-width: 0; }
.crumbs { display: flex; flex-wrap: wrap; gap: 6px; font-size: var(--size-small); margin-bottom: 2px; }
.crumbs a::after { content: " /"; color: var(--muted); }
.crumbs a { color: var(--muted); overflow-wrap: anywhere; text-decoration: none; }
.crumbs a:hover { color: var(--accent); text-decoration: underline; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; }
.narrow { max-width: 34rem; }
.stack > * + * { margin-top: 16px; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); gap: var(--gap); }
.columns > * { min-width: 0; }

@media (max-width: 860px) {
  .app { grid-template-columns: minmax(0, 1fr); grid-template-rows: auto 1fr; background: var(--canvas); }
  .side {
    position: static;
    height: auto;
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 8px 12px;
    padding: 10px 12px 0;
    border-bottom: 1px solid var(--line);
    background: var(--surface);
  }
  .switch { min-width: 108px; align-self: center; }
  .menu, .me { grid-column: 1 / -1; }
  .menu { flex-direction: row; gap: 0; overflow-x: auto; }
  .menu-title { display: none; }
  .menu-group ul { display: flex; }
  .menu-link { padding: 7px 10px; white-space: nowrap; border-radius: 0; }
  .menu-link .icon { display: none; }
  .menu-link[aria-current="page"] { background: none; box-shadow: inset 0 -2px var(--accent); }
  .me { display: flex; justify-content: space-between; padding: 0; margin: 0 -12px; border-top: 1px solid var(--line); }
  .me .menu-link { font-size: var(--size-small); padding: 5px 12px; }
  .me > a { min-width: 0; }
  .page { padding: 18px 16px 48px; }
  .test-band { padding-inline: 16px; }
}

.bare { display: grid; place-items: center; min-height: 100vh; padding: 24px 16px; }
.bare-card {
  width: 100%;
  max-width: 400px;
  padding: 28px;
  border: 1px solid var(--line);
  border-radius: 12px;
  background: var(--surface);
  box-shadow: var(--shadow);
}
.bare-card > * + * { margin-top: 16px; }
.bare-card .button-primary { width: 100%; justify-content: center; }
.brand { display: flex; align-items: center; gap: 8px; font-weight: 650; }
.failure > * + * { margin-top: 14px; }
`;
