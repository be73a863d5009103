import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { SecretOnce } from '../../parts/copyable.tsx';
import { belowAccount } from './account-path.ts';

interface CodesView {
  readonly title: string;
  readonly codes: readonly string[];
}

/** Recovery codes, on the only page that ever shows them. */
export function codesView(visit: Visit, { title, codes }: CodesView): View {
  const page = visit.at('/account');
  return {
    ...belowAccount(visit),
    title,
    body: (
      <div class="narrow stack">
        <p>
          These are your recovery codes. Each signs you in once when you do not have the app: keep them where you would
          not lose both.
        </p>
        <SecretOnce label="recovery codes" secret={codes.join('\n')} page={page} />
        <p class="actions">
          <a class="button button-primary" href={page}>
            I have stored them
          </a>
        </p>
      </div>
    ),
  };
}
