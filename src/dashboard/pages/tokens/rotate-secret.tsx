import type { Effective } from '../../../coherence/fence.ts';
import type { Rotation } from '../../../tokens/rotate.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Copyable, SecretOnce } from '../../parts/copyable.tsx';
import { effectiveOn } from '../../parts/effective.ts';
import { Card } from '../../parts/facts.tsx';
import { introspectCommand } from '../../parts/introspect-command.ts';
import { absoluteTime, relativeTime } from '../../parts/times.ts';
import { tokenPath } from './detail-token.ts';

interface RotatedSecretProps {
  readonly visit: Visit;
  readonly rotation: Rotation;
  readonly effective: Effective | undefined;
}

/** The new secret, once, and what has become of the old one. */
export function RotatedSecret({ visit, rotation, effective }: RotatedSecretProps) {
  const { token, secret, previousValidUntil } = rotation;
  const page = tokenPath(visit, token);
  const isOverlapping = token.previousSecretValidUntil !== null;
  const how = effective === undefined ? '' : `, ${effectiveOn(effective)}`;
  return (
    <div class="narrow-wide stack">
      <SecretOnce label={`new secret of ${token.name}`} secret={secret} page={page} />
      <p class="actions">
        <a class="button button-primary" href={page}>
          I have stored it
        </a>
      </p>
      <p>
        {isOverlapping
          ? `The old secret works until ${absoluteTime(previousValidUntil)} (${relativeTime(previousValidUntil, visit.now)}). The page of the token says who still uses it, and lets you end it earlier.`
          : `The old secret is dead${how}.`}
      </p>
      {visit.may('listApiKeys') && (
        <Card
          title="Try it"
          note="What a service asks when it is shown the new secret. The command has it in it: where others use the same machine, clear it from the history of your shell."
        >
          <Copyable
            label="the command that asks about it"
            text={introspectCommand(visit.services.config.publicUrl, secret)}
            block
          />
        </Card>
      )}
    </div>
  );
}
