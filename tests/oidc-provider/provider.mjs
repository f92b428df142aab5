// A certified OpenID provider on loopback, for the tests. Arguments: port, then a JSON file with
// { redirectUri, postLogoutUri, logoutUri, jwks, accounts: { LOGIN: { groups, email, name } }, accessTokenTtl }.
// The file is read at each lookup of an account, so that a test changes groups while the provider runs.
import { readFileSync } from 'node:fs';
import Provider from 'oidc-provider';

const [port, file] = process.argv.slice(2);
const read = () => JSON.parse(readFileSync(file, 'utf8'));
const config = read();

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'wombat',
      client_secret: 'secret-of-the-test-client',
      redirect_uris: [config.redirectUri],
      post_logout_redirect_uris: [config.postLogoutUri],
      backchannel_logout_uri: config.logoutUri,
      backchannel_logout_session_required: true,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
    { client_id: 'machine', client_secret: 'secret-of-the-test-machine', redirect_uris: [], response_types: [], grant_types: ['client_credentials'] },
  ],
  jwks: config.jwks,
  scopes: ['openid', 'offline_access', 'profile', 'email'],
  claims: { openid: ['sub', 'sid'], profile: ['preferred_username', 'name', 'groups'], email: ['email'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  rotateRefreshToken: true,
  ttl: { AccessToken: config.accessTokenTtl ?? 3600, ClientCredentials: 600, IdToken: 3600, RefreshToken: 86400, Session: 86400, Grant: 86400, Interaction: 600, AuthorizationCode: 60 },
  features: {
    devInteractions: { enabled: true },
    revocation: { enabled: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({ scope: 'api', audience: 'wombat-api', accessTokenFormat: 'jwt', accessTokenTTL: 600, jwt: { sign: { alg: 'ES256' } } }),
      defaultResource: () => undefined,
    },
  },
  cookies: { keys: ['k'] },
  findAccount: (_, sub) => {
    const account = read().accounts[sub];
    return account && { accountId: sub, claims: () => ({ sub: `id-of-${sub}`, preferred_username: sub, ...account }) };
  },
});
provider.on('server_error', (_, error) => console.error(error));
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
