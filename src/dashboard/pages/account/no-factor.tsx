import type { Visit } from '../../kernel/visit.ts';

/** For pages about a second factor that nobody has turned on. */
export function NoFactor({ visit }: { visit: Visit }) {
  return (
    <div class="narrow stack">
      <p>You have no second factor: your password alone signs you in.</p>
      <p class="actions">
        <a class="button button-primary" href={visit.at('/account/totp')}>
          Turn on second factor
        </a>
        <a class="button" href={visit.at('/account')}>
          Back to your account
        </a>
      </p>
    </div>
  );
}
