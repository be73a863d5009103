import { compact } from '../lib/shared.ts';
import { activeBody } from './active-body.ts';
import { type Answer, jsonAnswer } from './answers.ts';
import type { Active } from './decide.ts';

/**
 * The answer about a token that was found active at `now`. Where no scope was asked about, it is made once and kept
 * with the token's record, for as long as it would not be made any different: all that time changes in it is whether the
 * token still has two secrets.
 */
export function activeAnswer(verdict: Active, issuer: string, now: Date): Answer {
  const { token, isAuthorized } = verdict;
  if (isAuthorized !== undefined) return jsonAnswer(activeBody(verdict, issuer, now));
  const end = token.previousSecretValidUntil;
  const isInOverlap = end !== null && now.getTime() < end.getTime();
  if (token.builtAnswer === undefined || token.isBuiltInOverlap !== isInOverlap) {
    token.builtAnswer = jsonAnswer(compact(activeBody(verdict, issuer, now)));
    token.isBuiltInOverlap = isInOverlap;
  }
  return token.builtAnswer;
}
