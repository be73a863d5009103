import { PASSWORD } from './seed/members.ts';
import { requestBytes } from './support/http-connection.ts';

export function signInRequest(email: string, password = PASSWORD): Buffer {
  return requestBytes({
    method: 'POST',
    path: '/v1/auth/login',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
}
