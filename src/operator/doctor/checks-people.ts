import type { Facts } from './facts.ts';
import { count, type Finding, ok, valueIn, warning } from './finding.ts';

/** Without an owner who can sign in there is nobody whom the API lets manage people and API keys. */
export function examineOwners({ database }: Facts): Finding | undefined {
  const people = valueIn(database)?.contents?.people;
  if (people === undefined) return undefined;
  const { workspaces, owners } = people;
  if (workspaces === 0) return ok('There is no workspace yet: the first start makes one.');
  if (owners > 0) return ok(`${count(owners, 'owner')} can sign in.`);
  return warning(
    'No owner can sign in, so nobody may manage members and API keys but from this command line.',
    'Use the set-up link of the first start, or make another: `tooken members invite <email> --access owner`.',
  );
}
