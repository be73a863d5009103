import { Copyable } from '../../parts/copyable.tsx';
import { Card } from '../../parts/facts.tsx';
import { KeptFields, VerifyPanel } from './verify-panel.tsx';

/** Compares the log with what the visitor has kept. */
export function KeptCard({ base }: { base: string }) {
  return (
    <Card
      title="What you have kept"
      note="Your browser compares it with the log as it is now, and with the export below. It is sent nowhere."
    >
      <VerifyPanel name="log" base={base} button="Verify the log">
        <div class="stack">
          <KeptFields />
        </div>
      </VerifyPanel>
      <NoScripts />
    </Card>
  );
}

/** Verifies a file that the visitor chooses. */
export function ExportCard({ base }: { base: string }) {
  return (
    <Card
      title="Verify an export"
      note="An export as NDJSON holds everything that is needed to build the log anew. The file stays in your browser."
    >
      <VerifyPanel name="export" base={base} button="Verify the export">
        <div class="field narrow">
          <label for="field-export-file">Export</label>
          <input type="file" id="field-export-file" accept=".ndjson,.gz,application/x-ndjson" />
          <p class="hint">As NDJSON, also compressed by gzip. CSV and OCSF hold no proof.</p>
        </div>
      </VerifyPanel>
      <NoScripts />
    </Card>
  );
}

function NoScripts() {
  return (
    <noscript>
      <p>To verify in the browser, allow scripts of this page. Below is how it is done without.</p>
    </noscript>
  );
}

/** The same without any page of ours. */
export function OfflineCard() {
  return (
    <Card
      title="Offline"
      note="The command needs no network, no service and no database. It trusts nothing but the key that you give it."
    >
      <Copyable
        label="command"
        text={'npx tooken audit verify export.ndjson --key "$(cat log.key)" --previous earlier.checkpoint'}
        block
      />
      <p class="muted">
        Here <code>log.key</code> and <code>earlier.checkpoint</code> are what you have kept.
      </p>
    </Card>
  );
}
