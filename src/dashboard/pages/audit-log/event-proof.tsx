import type { Visit } from '../../kernel/visit.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { Card } from '../../parts/facts.tsx';
import type { PageRecord } from './event-record.ts';
import { KeptFields, VerifyPanel } from './verify-panel.tsx';

/** The way to check it oneself: here in the browser, or offline with the proof as a file. */
export function EventProof({ visit, record: { event } }: { visit: Visit; record: PageRecord }) {
  const { id } = event;
  return (
    <Card
      title="Verify it yourself"
      actions={
        <>
          <a href={visit.at(`/audit-log/${id}/proof.json`)} download={`${id}.json`}>
            Proof as JSON
          </a>
          <a href={visit.at(`/audit-log/${id}/proof.tlog-proof`)} download={`${id}.tlog-proof`}>
            As tlog-proof
          </a>
        </>
      }
    >
      <p>
        Your browser fetches the proof and computes everything anew: the hash of the record, of its personal data, the
        path to the root of the log, and the signature of that. It takes no verdict of this service.
      </p>
      <VerifyPanel name="event" base={visit.at('/audit-log')} button="Verify in the browser">
        <details>
          <summary>Compare with what you have kept</summary>
          <div class="stack">
            <KeptFields />
          </div>
        </details>
      </VerifyPanel>
      <noscript>
        <p>To verify in the browser, allow scripts of this page. Without them, take the proof as a file:</p>
      </noscript>
      <details>
        <summary>Verify offline</summary>
        <p>
          The script of this page comes from this service, too. If you do not trust its host at all, take the tlog-proof
          elsewhere:
        </p>
        <Copyable
          label="command"
          text={`npx tooken audit verify-proof ${id}.tlog-proof --key "$(cat log.key)"`}
          block
        />
      </details>
    </Card>
  );
}
