/** Buttons, fields, and what is said of them. */
export const FORMS = `.button {
  display: inline-flex;
  align-items: center;
  gap: 6px;
  padding: 5px 12px;
  border: 1px solid var(--line-strong);
  border-radius: var(--radius-small);
  background: var(--surface);
  color: var(--text);
  font: inherit;
  font-weight: 550;
  line-height: 1.5;
  text-decoration: none;
  white-space: nowrap;
  cursor: pointer;
}
.button:hover { background: var(--sunken); color: var(--text); }
.button:disabled { opacity: 0.55; cursor: not-allowed; }
.button-primary { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
.button-primary:hover { border-color: var(--accent-strong); background: var(--accent-strong); color: var(--on-accent); }
.button-danger { border-color: var(--bad); color: var(--bad); }
.button-danger:hover { background: var(--bad-soft); color: var(--bad); }
.form .button-danger { background: var(--bad); color: var(--surface); }
.form .button-danger:hover { background: var(--bad); color: var(--surface); filter: brightness(0.92); }
.button-quiet { border-color: transparent; background: none; color: var(--muted); }
.button-small { padding: 2px 8px; font-size: var(--size-small); }
.button-form { display: inline; }

.form { display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; }
.form-actions { display: flex; flex-wrap: wrap; gap: 8px; padding-top: 4px; }

.field > label:first-child, .field > legend, .label { display: block; margin-bottom: 4px; font-weight: 600; }
/* A box with its label beside it, not above. */
.field > label.choice { display: flex; margin: 0; font-weight: 400; }
/* A form that is more than its buttons stands on a card. */
:is(.narrow, .narrow-wide) > .form:not(:has(.card)):has(> :not(input, .form-actions)) {
  padding: 18px;
  border: 1px solid var(--line);
  border-radius: var(--radius);
  background: var(--surface);
  box-shadow: var(--shadow);
}
.optional { color: var(--muted); font-weight: 400; }
.hint { display: block; margin-top: 4px; color: var(--muted); font-size: var(--size-small); }
.problem { margin-top: 4px; color: var(--bad); font-size: 13px; font-weight: 550; }

input:not([type="checkbox"], [type="radio"], [type="hidden"], [type="color"]), select, textarea {
  width: 100%;
  padding: 6px 10px;
  border: 1px solid var(--line-strong);
  border-radius: var(--radius-small);
  background: var(--surface);
  color: var(--text);
  font: inherit;
}
input.mono, textarea.mono { font-family: var(--mono); font-size: 13px; }
textarea { resize: vertical; min-height: 4.5em; }
input::placeholder, textarea::placeholder { color: var(--muted); opacity: 1; }
input:focus, select:focus, textarea:focus { outline: 2px solid var(--accent); outline-offset: -1px; border-color: var(--accent); }
.field-wrong input, .field-wrong select, .field-wrong textarea { border-color: var(--bad); }
input[type="checkbox"], input[type="radio"] { flex: none; width: 16px; height: 16px; margin: 3px 0 0; accent-color: var(--accent); }
input[type="color"] { width: 48px; height: 32px; padding: 2px; border: 1px solid var(--line-strong); border-radius: var(--radius-small); background: var(--surface); }

.choices { display: grid; gap: 6px; }
.choices-inline { display: flex; flex-wrap: wrap; gap: 6px 18px; }
.choice { display: flex; align-items: flex-start; gap: 8px; font-weight: 400; }
.choice > span { min-width: 0; }
.choice .hint { margin-top: 0; }

.filters { display: flex; flex-wrap: wrap; align-items: flex-end; gap: 10px; }
.filters .field { flex: 0 1 160px; min-width: 0; }
.filters .field > label:first-child { margin-bottom: 2px; color: var(--muted); font-size: var(--size-small); }
.filters .field-wide { flex: 1 1 240px; }

.alert {
  display: flex;
  align-items: flex-start;
  gap: 8px;
  padding: 9px 12px;
  border: 1px solid var(--line);
  border-left-width: 3px;
  border-radius: var(--radius-small);
  background: var(--surface);
}
.alert > .icon { margin-top: 2px; }
.alert > span { min-width: 0; overflow-wrap: anywhere; }
.alert-good { border-color: var(--good); background: var(--good-soft); color: var(--good); }
.alert-warn { border-color: var(--warn); background: var(--warn-soft); color: var(--warn); }
.alert-bad { border-color: var(--bad); background: var(--bad-soft); color: var(--bad); }

.copyable { display: flex; align-items: center; gap: 8px; min-width: 0; }
.copyable code { min-width: 0; }
.copyable-block { align-items: baseline; padding: 10px 12px; border: 1px solid var(--line); border-radius: var(--radius-small); background: var(--sunken); }
.copyable-block code { flex: 1; white-space: pre-wrap; }
.secret { padding: 14px; border: 1px solid var(--warn); border-radius: var(--radius); background: var(--warn-soft); }
.secret > * + * { margin-top: 10px; }
.secret .copyable-block { background: var(--surface); border-color: var(--line-strong); }
`;
