import { parseCredential } from '../credentials/format.ts';
import { type Answer, invalidRequest, jsonAnswer } from './answers.ts';
import type { Authenticated } from './authenticate.ts';
import { countOne, type EndpointRequest, serve } from './endpoint.ts';
import { answerQuestion, denyUnlessIntrospector, type IntrospectionDeps } from './introspect.ts';
import { readBatch } from './parameters.ts';
import { QUESTION_PARAMETERS, readQuestion, type TokenQuestion } from './question.ts';
import { joinSought, seek } from './sought.ts';
import { isWanting, type Turn, type Wanting } from './turn.ts';

/**
 * `POST /v1/tokens/introspect/batch`: many questions at once, each answered as if it were asked alone, all in one turn:
 * what memory cannot tell is loaded together. Every question counts against the caller's limit. One that is malformed
 * refuses all, since its sender does not know what it asks.
 */
export function introspectBatch(deps: IntrospectionDeps, request: EndpointRequest): Answer | Promise<Answer> {
  const { introspections } = deps.limits;
  let isCounted = false;
  return serve(deps, request, {
    limiter: introspections,
    deny: (principal) => denyUnlessIntrospector(deps, principal, request),
    answer(caller, turn) {
      const questions = readQuestions(request);
      if ('refusal' in questions) return questions.refusal;
      // The call has counted for one.
      for (let n = 1; n < questions.length && !isCounted; n += 1) {
        const tooMany = countOne(introspections, caller.principal.id);
        if (tooMany !== undefined) return tooMany;
      }
      isCounted = true;
      return answerAll(deps, caller, request, questions, turn);
    },
  });
}

function readQuestions({
  contentType,
  body,
}: EndpointRequest): readonly TokenQuestion[] | { readonly refusal: Answer } {
  const read = readBatch(contentType, body, QUESTION_PARAMETERS);
  if ('refusal' in read) return read;
  const questions: TokenQuestion[] = [];
  for (const [n, parameters] of read.batch.entries()) {
    const question = readQuestion(parameters);
    if (typeof question === 'string') return { refusal: invalidRequest(`requests[${n}]: ${question}`) };
    questions.push(question);
  }
  return questions;
}

/** All of them from what is known in this turn, or none: then everything that they rest on is wanted. */
function answerAll(
  deps: IntrospectionDeps,
  caller: Authenticated,
  request: EndpointRequest,
  questions: readonly TokenQuestion[],
  turn: Turn,
): Answer | Promise<Answer> | Wanting {
  const credentials = questions.flatMap(({ token }) => parseCredential(token) ?? []);
  if (credentials.some((credential) => turn.recall(credential) === undefined)) {
    return { wanted: joinSought(caller.sought, seek(...credentials)) };
  }
  const answers: (Answer | Promise<Answer>)[] = [];
  for (const question of questions) {
    const answer = answerQuestion(deps, caller, request, question, turn);
    if (isWanting(answer)) return answer;
    answers.push(answer);
  }
  return caller.recordsIntrospections ? Promise.all(answers).then(joinAnswers) : joinAnswers(answers as Answer[]);
}

function joinAnswers(answers: readonly Answer[]): Answer {
  return jsonAnswer(`{"results":[${answers.map(({ body }) => body).join(',')}]}`);
}
