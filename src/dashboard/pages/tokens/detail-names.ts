import { namePrincipals } from '../../../introspection/usage/names.ts';
import type { Token } from '../../../tokens/token.ts';
import type { Visit } from '../../kernel/visit.ts';
import type { Names } from './detail-who.tsx';

/** Of all whom a token names by id. */
export function namesOf({ services, caller }: Visit, token: Token): Promise<Names> {
  const { createdBy, revokedBy, issuedThrough, previousSecretUses } = token;
  const users = previousSecretUses.map(({ introspectorId }) => introspectorId);
  return namePrincipals(services, caller, [createdBy, revokedBy, issuedThrough.at(-1) ?? null, ...users]);
}
