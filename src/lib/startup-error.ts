/**
 * The service cannot start, and the operator can do something about it. The message is one line that says what is
 * wrong and what to do, and holds no secret; `main` prints it and nothing else.
 */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}
