import { ServiceError } from '../../../lib/errors.ts';

/**
 * The name of password fields here. It is that by which the kernel finds a proof: where one is asked for anyway, the
 * password is typed once and serves for both.
 */
export const PASSWORD_FIELD = 'proof_password';

/** Runs `work`; what it finds wrong with a password or code is said in words that fit the form. */
export async function sayingProblems<Result>(work: () => Promise<Result>, problems: ProofProblems): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    throw thrown instanceof ServiceError ? told(thrown, problems) : thrown;
  }
}

interface ProofProblems {
  /** The field that a wrong proof is said of; absent where it is not told which one was wrong. */
  readonly field?: string;
  /** To follow `This`, or a sentence where there is no field. */
  readonly wrong: string;
}

function told(error: ServiceError, { field, wrong }: ProofProblems): ServiceError {
  if (error.code === 'invalid_credentials') {
    return new ServiceError(
      error.code,
      field === undefined ? { message: wrong } : { details: [{ path: field, message: wrong }] },
    );
  }
  if (error.code !== 'validation_failed') return error;
  const details = error.details?.map(({ path, message }) => ({
    path: path === 'password' ? PASSWORD_FIELD : path,
    message,
  }));
  return new ServiceError(error.code, { ...(details !== undefined && { details }) });
}
