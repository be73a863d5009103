import type { MiddlewareHandler } from 'hono';
import { withinDeadline } from '../db/deadline.ts';

/** A little more than a transaction may take, so that its own, better informed failure comes first. */
const ANSWER_DEADLINE_MS = 22_000;

/** Answers 503 when the database keeps a request waiting for ever. */
export const answerInTime: MiddlewareHandler = (_c, next) => withinDeadline(next(), ANSWER_DEADLINE_MS);
