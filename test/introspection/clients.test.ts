import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { beforeAll, describe, expect, test } from 'vitest';
import { metadataBody } from '../../src/http/routes/oauth-schemas.ts';
import { createTestDatabase } from '../support/database.ts';
import { listen } from './adapters.ts';
import { createWorld } from './world.ts';

// Two clients that know nothing of us, against a listening server whose address they find out by themselves.

const database = await createTestDatabase();
const world = await createWorld(database.app);
const config = { ...world.services.config };
const issuer = new URL(await listen({ ...world.services, config }));
Object.assign(config, { publicUrl: issuer.origin });
const key = await world.issueKey();
const gateway = await world.issueToken({ scopes: ['tokens:introspect', 'tokens:write'] });

const callers = () => [key, gateway];
const insecure = { [oauth.allowInsecureRequests]: true };

describe('oauth4webapi', () => {
  let server: oauth.AuthorizationServer;
  beforeAll(async () => {
    const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
    server = await oauth.processDiscoveryResponse(issuer, response);
  });

  const bearerAuth =
    (secret: string): oauth.ClientAuth =>
    (_server, _client, _body, headers) =>
      headers.set('authorization', `Bearer ${secret}`);
  const ways: [string, (secret: string) => oauth.ClientAuth][] = [
    ['Basic', oauth.ClientSecretBasic],
    ['Bearer', bearerAuth],
  ];

  test.each(ways)('introspects and revokes with %s', async (_, authenticate) => {
    for (const caller of callers()) {
      const client = { client_id: caller.id };
      const auth = authenticate(caller.secret);
      const { id, secret } = await world.issueToken();
      const introspect = async () => {
        const response = await oauth.introspectionRequest(server, client, auth, secret, insecure);
        return oauth.processIntrospectionResponse(server, client, response);
      };
      expect(await introspect()).toMatchObject({ active: true, jti: id, iss: issuer.origin });
      const response = await oauth.revocationRequest(server, client, auth, secret, insecure);
      await oauth.processRevocationResponse(response);
      expect(await introspect()).toEqual({ active: false });
    }
  });

  test.each(ways)('understands that %s was refused', async (_, authenticate) => {
    const client = { client_id: key.id };
    const auth = authenticate(gateway.secret.replace(/.$/, '!'));
    const response = await oauth.introspectionRequest(server, client, auth, 'x', insecure);
    await expect(oauth.processIntrospectionResponse(server, client, response)).rejects.toBeInstanceOf(
      oauth.WWWAuthenticateChallengeError,
    );
  });

  test('understands what is wrong with a request', async () => {
    const client = { client_id: key.id };
    const options = { ...insecure, additionalParameters: { client_ip: 'nowhere' } };
    const response = await oauth.introspectionRequest(server, client, bearerAuth(key.secret), 'x', options);
    await expect(oauth.processIntrospectionResponse(server, client, response)).rejects.toMatchObject({
      error: 'invalid_request',
      status: 400,
    });
  });
});

test('openid-client finds the endpoints, introspects and revokes', async () => {
  for (const caller of callers()) {
    const config = await openid.discovery(issuer, caller.id, undefined, openid.ClientSecretBasic(caller.secret), {
      algorithm: 'oauth2',
      execute: [openid.allowInsecureRequests],
    });
    const { id, secret } = await world.issueToken({ scopes: [] });
    expect(await openid.tokenIntrospection(config, secret)).toMatchObject({ active: true, sub: id });
    await openid.tokenRevocation(config, secret, { token_type_hint: 'access_token' });
    expect(await openid.tokenIntrospection(config, secret)).toEqual({ active: false });
  }
});

test('the metadata are what the reference says', async () => {
  const response = await fetch(new URL('/.well-known/oauth-authorization-server', issuer));
  const metadata = await response.json();
  expect(metadataBody.parse(metadata)).toEqual(metadata);
  expect(metadata).toMatchObject({
    issuer: issuer.origin,
    introspection_endpoint: `${issuer.origin}/v1/tokens/introspect`,
    revocation_endpoint: `${issuer.origin}/v1/tokens/revoke`,
  });
});
