/**
 * The service cannot start for a reason its operator can remove. `message` is one line, free of secrets, that says what
 * is wrong and what to do; it is all that gets printed. The `cause` is for a debugger.
 */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}
