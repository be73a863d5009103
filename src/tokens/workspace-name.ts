import { isUniqueViolation } from '../db/errors.ts';
import { ServiceError } from '../lib/errors.ts';
import { WORKSPACE_NAME } from './store/settings.ts';

/** The result of `work`, with a `conflict` in place of what the database says of a name that another workspace has. */
export async function refusingTakenNames<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!isUniqueViolation(error, WORKSPACE_NAME)) throw error;
    throw new ServiceError('conflict', {
      message: 'There is a workspace of this name already.',
      details: [{ path: 'name', message: 'is that of another workspace here; choose another' }],
      cause: error,
    });
  }
}
