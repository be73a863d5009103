import type { Child } from 'hono/jsx';
import { freshDraft } from '../../kernel/form.ts';
import { TextArea, TextField } from '../../parts/field.tsx';

/** Fields for what the visitor has kept. They are read by scripts alone, and sent nowhere. */
export function KeptFields() {
  const draft = freshDraft();
  return (
    <>
      <TextField
        name="kept_key"
        label="Verifier key"
        draft={draft}
        mono
        optional
        hint="As you noted it when you began to trust this log. What comes with what it verifies proves nothing."
      />
      <TextArea
        name="kept_checkpoint"
        label="Earlier checkpoint"
        draft={draft}
        rows={5}
        mono
        optional
        hint="All of its lines, signatures included."
      />
    </>
  );
}

interface PanelProps {
  readonly name: 'event' | 'log' | 'export';
  /** Where the pages of the audit log are. */
  readonly base: string;
  readonly button: string;
  readonly children: Child;
}

/** What `verify.js` brings to life; without scripts it is not there. */
export function VerifyPanel({ name, base, button, children }: PanelProps) {
  return (
    <div class="verify" data-verify={name} data-base={base} hidden>
      {children}
      <p>
        <button type="button" class="button button-primary" data-run>
          {button}
        </button>
      </p>
      <div class="report" data-report aria-live="polite" />
    </div>
  );
}
