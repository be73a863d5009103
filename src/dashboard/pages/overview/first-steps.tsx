import type { Visit } from '../../kernel/visit.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { Card } from '../../parts/facts.tsx';
import { Icon } from '../../parts/icon.tsx';
import type { Step } from './steps.ts';

/** What to do first. */
export function FirstSteps({ visit, steps }: { visit: Visit; steps: readonly Step[] }) {
  const { publicUrl } = visit.services.config;
  return (
    <Card
      title={`Welcome, ${visit.session.member.name}`}
      note="There are no tokens yet. This is how to get to the first one."
    >
      <ol class="steps">
        {steps.map(({ title, text, href, action, isDone }) => (
          <li class={isDone ? 'step step-done' : 'step'}>
            <span class="step-mark">{isDone && <Icon name="check" />}</span>
            <div>
              <h3>
                {title}
                {isDone && <span class="unseen"> (done)</span>}
              </h3>
              <p class="muted">{text}</p>
              {!isDone && <a href={href}>{action}</a>}
            </div>
          </li>
        ))}
      </ol>
      <details>
        <summary>The same from the command line</summary>
        <Copyable
          block
          label="The command that issues a token"
          text={`curl -s ${publicUrl}/v1/tokens -H "Authorization: Bearer $TOOKEN_API_KEY" \\\n  -H 'Content-Type: application/json' -d '{"name":"first","scopes":["invoices:read"]}'`}
        />
        <p class="muted">
          All calls are in the <a href="/docs">API reference</a>.
        </p>
      </details>
    </Card>
  );
}
