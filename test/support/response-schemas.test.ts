import { describe, expect, it } from 'vitest';
import { createApi } from '../../src/http/api.ts';
import { mountWhoami } from '../../src/http/routes/whoami.ts';
import { responseSchemasOf } from './response-schemas.ts';

const api = createApi();
mountWhoami(api);
const schemas = responseSchemasOf(api);

const body = {
  kind: 'api_key',
  id: 'key_01kav3c4r8e0jbwn7sgm5zkqd2',
  name: 'ci',
  workspace: 'ws_01kav3c4r8e0jbwn7sgm5zkqd2',
  environment: 'live',
  access: null,
  scopes: null,
  expires_at: null,
  session: null,
  authenticated_at: null,
};
const answer = (value: unknown) => ({ status: 200, headers: new Headers(), text: JSON.stringify(value), body: value });
const check = (value: unknown) => () => schemas.check('GET', '/v1/whoami?x=y', answer(value));

describe('an answer that a test gets', () => {
  it('passes when it is what its route declares', () => {
    expect(check(body)).not.toThrow();
  });

  it('fails when it lacks something, holds something else, or holds more', () => {
    expect(check({ ...body, workspace: undefined })).toThrow();
    expect(check({ ...body, environment: 'prod' })).toThrow();
    expect(check({ ...body, digest: 'oops' })).toThrow('more than its schema names');
  });
});
