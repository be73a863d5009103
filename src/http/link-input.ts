import { errorBody, jsonAnswer } from './schemas.ts';

/** What operations answer that set a password by a link which does not work. */
export const refusedLinkAnswer = jsonAnswer(
  '`invalid_credentials`, whatever is wrong with the link. Ask for a new one.',
  errorBody,
);
