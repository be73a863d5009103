import { activeBody } from './active-body.ts';
import { type Answer, jsonAnswer } from './answers.ts';
import type { Active } from './decide.ts';

/** An answer that is given again as it is, for as long as it would not be made any different. */
export interface BuiltAnswer {
  readonly answer: Answer;
  /** Whether it was made while the token had two secrets, which is all that time changes in it. */
  readonly isOfOverlap: boolean;
}

/** The answer about a token that was found active at `now`, made once where no scope was asked about. */
export function activeAnswer(verdict: Active, issuer: string, now: Date): Answer {
  const { token, isAuthorized } = verdict;
  if (isAuthorized !== undefined) return jsonAnswer(activeBody(verdict, issuer, now));
  const end = token.previousSecretValidUntil;
  const isOfOverlap = end !== null && now.getTime() < end.getTime();
  if (token.builtAnswer?.isOfOverlap !== isOfOverlap) {
    token.builtAnswer = { answer: jsonAnswer(activeBody(verdict, issuer, now)), isOfOverlap };
  }
  return token.builtAnswer.answer;
}
