// A Jira Data Center as OAuth 2.0 clients see it: its authorization server is the certified `oidc-provider`, mounted at Jira's
// addresses (https://confluence.atlassian.com/adminjiraserver/jira-oauth-2-0-provider-api-1115659070.html), and the few REST calls
// that the tests make are answered for holders of its tokens. Refresh tokens rotate and are good for one use; PKCE is required.

import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const OAUTH = '/rest/oauth2/latest';

/** Starts it on a free port of the loopback. `callback` is the client's redirect address. */
export async function startJira({ callback, clientId = 'jackfield-test', clientSecret }) {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${server.address().port}`;
  // What the tests change and look at.
  const control = { accessTtl: 3600, delay: 0, redemptions: new Map(), refused: 0, revoked: 0, grants: new Set(), access: new Set(), secrets: new Set(), hooks: new Map(), calls: [], down: false };

  const provider = new Provider(url, {
    clients: [{
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [callback],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_post',
    }],
    scopes: ['READ', 'WRITE', 'ADMIN'],
    routes: { authorization: `${OAUTH}/authorize`, token: `${OAUTH}/token`, revocation: `${OAUTH}/revoke` },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    ttl: { AccessToken: () => control.accessTtl, AuthorizationCode: 60, Grant: 86400, RefreshToken: 86400, Session: 86400, Interaction: 600 },
    features: { devInteractions: { enabled: true }, revocation: { enabled: true } },
    findAccount: async (_, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    cookies: { keys: ['for tests alone'] },
  });
  provider.on('grant.success', (ctx) => {
    for (const name of ['access_token', 'refresh_token']) if (ctx.body?.[name]) control.secrets.add(ctx.body[name]);
    control.grants.add(ctx.oidc.entities.Grant?.jti ?? ctx.oidc.entities.AccessToken?.grantId);
    const used = ctx.oidc.params.refresh_token;
    if (used) control.redemptions.set(used, (control.redemptions.get(used) ?? 0) + 1);
  });
  provider.on('access_token.saved', (token) => control.access.add(token));
  provider.on('grant.revoked', () => { control.revoked += 1; });
  provider.on('grant.error', () => { control.refused += 1; });
  const oauth = provider.callback();

  server.on('request', async (request, response) => {
    const { pathname } = new URL(request.url, url);
    const answer = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (!pathname.startsWith('/rest/api/') && !pathname.startsWith('/rest/webhooks/')) {
      if (pathname === `${OAUTH}/token`) {
        if (control.down) return answer(503, { message: 'maintenance' });
        await new Promise((done) => setTimeout(done, control.delay));
      }
      return oauth(request, response);
    }
    const last = pathname.split('/').at(-1);
    const body = async () => {
      let text = '';
      for await (const chunk of request) text += chunk;
      return JSON.parse(text);
    };
    control.calls.push(`${request.method} ${pathname}`);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const found = token && await provider.AccessToken.find(token);
    if (!found || found.isExpired) return answer(401, { message: 'Client must be authenticated to access this resource.' });
    switch (`${request.method} ${pathname}`) {
      case 'GET /rest/api/2/myself':
        return answer(200, { name: found.accountId, key: 'JIRAUSER10100', displayName: 'Mia Krystof', emailAddress: 'mia@example.com' });
      case 'GET /rest/api/2/project':
        return answer(200, [{ id: '10000', key: 'ENG', name: 'Engineering', projectTypeKey: 'software' }]);
      case 'GET /rest/api/2/issueLinkType':
        return answer(200, { issueLinkTypes: [{ id: '10000', name: 'Blocks', inward: 'is blocked by', outward: 'blocks' }] });
      case 'GET /rest/webhooks/1.0/webhook':
        return answer(200, [...control.hooks.values()]);
      case 'POST /rest/webhooks/1.0/webhook': {
        const id = control.hooks.size + 1;
        const { secret, ...hook } = await body();
        control.secrets.add(secret);
        control.hooks.set(id, { ...hook, self: `${url}/rest/webhooks/1.0/webhook/${id}`, enabled: true });
        return answer(201, control.hooks.get(id));
      }
      case `DELETE ${pathname.replace(/\/\d+$/, '/')}${last}`:
        if (!pathname.startsWith('/rest/webhooks/1.0/webhook/') || !control.hooks.delete(Number(last))) return answer(404, {});
        response.writeHead(204);
        return response.end();
      default:
        return answer(404, { errorMessages: [`nothing at ${pathname}`], errors: {} });
    }
  });

  return {
    url,
    clientId,
    clientSecret,
    control,
    /** Takes all that was granted back, as an administrator of the service does. */
    async revokeAll() {
      for (const id of control.grants) {
        if (!id) continue;
        await provider.RefreshToken.revokeByGrantId(id);
        await provider.AccessToken.revokeByGrantId(id);
        await (await provider.Grant.find(id))?.destroy();
      }
      control.grants.clear();
    },
    /** Lets the access tokens that are out end, their refresh tokens being left. */
    async expireAccess() {
      for (const token of control.access) await token.destroy();
      control.access.clear();
    },
    stop: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }),
  };
}
