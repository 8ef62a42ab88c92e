// A connection's whole life in a real browser: install by consent (authorization code with PKCE), use, renewal with rotating
// refresh tokens, revocation at the service, needs_reauth, reconnect, removal.

import { after, before, test } from 'node:test';
import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Gateway, checkPage, freePort, openPage, startBrowser, until } from './harness.mjs';
import { startJira } from './provider.mjs';

const PASSWORD = 'a long pass phrase for Mia';
const CLIENT_SECRET = 'canary-client-secret-5f1c7b2e';
let jira, gateway, browser, page;
/** Every page source and address that the browser saw. */
const seen = [];

before(async () => {
  const port = await freePort();
  jira = await startJira({ callback: `http://127.0.0.1:${port}/oauth/callback`, clientSecret: CLIENT_SECRET });
  gateway = await new Gateway({ port, args: ['--allow-network', `127.0.0.1/32:${new URL(jira.url).port}`, '--log-format', 'json', '--log', 'debug'] }).start();
  browser = await startBrowser();
  page = await openPage(browser);
  page.on('load', async () => { seen.push(page.url(), await page.content().catch(() => '')); });
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
  await jira?.stop();
});

const submit = async (name) => {
  const button = name ? page.getByRole('main').getByRole('button', { name }) : page.getByRole('main').locator('form button').first();
  await Promise.all([page.waitForEvent('load'), button.click()]);
};

const call = (action, input) => gateway.api('POST', `/v1/connections/office/actions/${action}`, input);
const auth = async () => (await gateway.api('GET', '/v1/connections/office/auth')).body;

/** At the service: signs in if asked, consents, and comes back. */
async function consent() {
  await page.waitForURL((url) => url.href.startsWith(jira.url));
  if (await page.locator('input[name=login]').count()) {
    await page.fill('input[name=login]', 'mia');
    await page.fill('input[name=password]', 'anything');
    await page.click('button[type=submit]');
    await page.waitForLoadState();
  }
  if (page.url().startsWith(jira.url)) await page.click('button[type=submit]');
  await page.waitForURL((url) => url.href.startsWith(gateway.url));
}

/** Goes on to the end: the check is made as soon as the access is granted. */
async function finish() {
  await page.waitForSelector('[aria-current=step] , p.done');
  await checkPage(page, 'connect-resources');
  if (await page.getByRole('button', { name: 'Save and finish' }).count()) await submit('Save and finish');
  await page.waitForSelector('p.done');
}

test('the first administrator is made at a one-time address', async () => {
  const address = /http:\/\/\S+\/setup\S+/.exec(gateway.log)?.[0];
  assert.ok(address, `no address in the log:\n${gateway.log}`);
  await page.goto(address);
  await checkPage(page, 'setup');
  await page.fill('#name', 'Mia');
  await page.fill('#email', 'mia@example.com');
  await page.fill('#password', 'password123');
  await submit();
  await checkPage(page, 'setup-wrong');
  assert.match(await page.locator('#password-error').innerText(), /guess|common|known|list/i);
  await page.fill('#password', PASSWORD);
  await submit();
  await page.goto(gateway.url);
  await checkPage(page, 'overview-empty');
  const again = await openPage(browser);
  await again.goto(address);
  assert.equal(await again.locator('#password').count(), 0, 'the address is good for one use');
  await again.context().close();
});

test('an app is registered, with what to paste at the service', async () => {
  await page.goto(`${gateway.url}/apps/new?connector=jira`);
  await checkPage(page, 'app-new');
  assert.ok((await page.getByRole('main').innerText()).includes(`${gateway.url}/oauth/callback`), 'the redirect address is shown');
  await page.fill('#id', 'dc');
  await page.fill('#client_id', jira.clientId);
  await page.fill('#client_secret', CLIENT_SECRET);
  await submit('Save');
  assert.equal((await gateway.api('GET', '/v1/apps/dc')).status, 200);
});

test('a connection is installed by consent', async () => {
  await page.goto(`${gateway.url}/connect`);
  await checkPage(page, 'connect-catalog');
  await submit('Connect Jira');
  await checkPage(page, 'connect-choose');
  await page.fill('#id', 'office');
  await page.selectOption('#method', 'data_center_oauth');
  await page.selectOption('#app', 'dc');
  await submit('Go on');
  await page.selectOption('#deployment', 'data_center');
  await page.fill('#site', jira.url);
  await checkPage(page, 'connect-parameters');
  await submit('Go on');
  await checkPage(page, 'connect-consent');
  assert.match(await page.getByRole('main').innerText(), /\b(READ|WRITE|ADMIN)\b/, 'the rights are shown before');
  await submit('Go to Jira');
  await consent();
  await finish();
  await checkPage(page, 'connect-done');
  const { body } = await gateway.api('GET', '/v1/connections/office');
  assert.equal(body.account, 'Mia Krystof');
  assert.equal((await auth()).state, 'healthy');
});

test('it is used, and renewed with a new refresh token each time', async () => {
  assert.equal((await call('list_issue_link_types', {})).status, 200);
  for (let i = 1; i <= 3; i += 1) {
    await jira.expireAccess();
    // Several at once: one renewal serves them all.
    const answers = await Promise.all(Array.from({ length: 8 }, () => call('list_issue_link_types', {})));
    assert.deepEqual(answers.map((a) => a.status), Array(8).fill(200), JSON.stringify(answers.find((a) => a.status !== 200)?.body));
    assert.equal(jira.control.redemptions.size, i, 'one renewal');
  }
  assert.ok([...jira.control.redemptions.values()].every((n) => n === 1), 'each refresh token is redeemed once');
  assert.equal((await auth()).state, 'healthy');
});

test('it outlives a restart', async () => {
  await gateway.kill();
  await gateway.start();
  await jira.expireAccess();
  assert.equal((await call('list_issue_link_types', {})).status, 200);
});

test('what is taken back at the service needs a person, and says so everywhere', async () => {
  await jira.revokeAll();
  await jira.expireAccess();
  const refused = await call('list_issue_link_types', {});
  assert.notEqual(refused.status, 200);
  assert.match(refused.body.error.message, /connect/i, JSON.stringify(refused.body));
  assert.equal((await auth()).state, 'needs_reauth');
  await page.goto(`${gateway.url}/connections/office`);
  await checkPage(page, 'connection-needs-reauth');
  await page.goto(gateway.url);
  await checkPage(page, 'overview-needs-reauth');
  const events = await until('the event', async () => {
    const { body } = await gateway.api('GET', '/v1/events?connector=jackfield');
    return body.items?.some((e) => e.event_type === 'connection.needs_reauth') && body.items;
  });
  assert.ok(events.length > 0);
  const shown = await gateway.command('connections', 'auth', 'office');
  assert.match(shown.out, /needs_reauth/);
});

test('it is connected again, with its settings kept', async () => {
  await page.goto(`${gateway.url}/connections/office`);
  await submit('Connect again');
  for (let i = 0; i < 3 && await page.getByRole('button', { name: 'Go on' }).count(); i += 1) await submit('Go on');
  await submit('Go to Jira');
  await consent();
  await finish();
  assert.equal((await auth()).state, 'healthy');
  assert.equal((await call('list_issue_link_types', {})).status, 200);
});

test('it is removed, and its access is taken back', async () => {
  await page.goto(`${gateway.url}/connections/office/remove`);
  await checkPage(page, 'connection-remove');
  await submit(/^Remove/);
  await checkPage(page, 'connection-removed');
  assert.equal((await gateway.api('GET', '/v1/connections/office')).status, 404);
  assert.ok(jira.control.revoked > 0, 'the token was revoked at the service');
});

test('no secret is in a page, the history, the log or the state directory', () => {
  const tokens = [...jira.control.secrets];
  assert.ok(tokens.length > 4, 'tokens were given');
  const files = readdirSync(gateway.state).filter((name) => !['key', 'token'].includes(name));
  const places = [['pages and history', seen.join('\n')], ['the log', gateway.log], ...files.map((name) => [name, readFileSync(join(gateway.state, name)).toString('latin1')])];
  for (const secret of [CLIENT_SECRET, PASSWORD, ...tokens]) {
    for (const [place, text] of places) assert.ok(!text.includes(secret), `a secret is in ${place}`);
  }
  assert.deepEqual(page.problems, [], 'the pages have no errors of their own');
});
