import type { ErrorCode } from '../../lib/errors.ts';

const TITLES: Readonly<Partial<Record<ErrorCode, string>>> = {
  forbidden: 'This is not for you',
  not_found: 'There is nothing here',
  rate_limited: 'Too many requests',
  internal_error: 'Something went wrong',
  unavailable: 'The database does not answer',
  payload_too_large: 'That is too much',
};

export function failureTitle(code: ErrorCode): string {
  return TITLES[code] ?? 'That did not work';
}

/** What happened, what to do about it, and by what its line in the log is found. */
export function FailureText({ message, requestId, home }: { message: string; requestId: string; home: string }) {
  return (
    <div class="failure">
      <p>{message}</p>
      <p>
        <a class="button" href={home}>
          Go to the start
        </a>
      </p>
      <p class="muted">
        Request <code>{requestId}</code>
      </p>
    </div>
  );
}
