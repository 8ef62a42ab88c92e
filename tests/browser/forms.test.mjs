// The forms of all connectors: each method's, at a desk's width and a phone's, by keyboard alone, right and wrong.

import { after, before, test } from 'node:test';
import { strict as assert } from 'node:assert';
import { DESK, Gateway, PHONE, checkPage, freePort, openPage, startBrowser, tabTo } from './harness.mjs';

const PASSWORD = 'a long pass phrase for Mia';
let gateway, browser, desk, phone, connectors;

before(async () => {
  gateway = await new Gateway({ port: await freePort() }).start();
  browser = await startBrowser();
  desk = await openPage(browser, DESK);
  await desk.goto(/http:\/\/\S+\/setup\S+/.exec(gateway.log)[0]);
  await desk.fill('#name', 'Mia');
  await desk.fill('#email', 'mia@example.com');
  await desk.fill('#password', PASSWORD);
  await desk.getByRole('main').locator('form button').first().click();
  await desk.waitForLoadState();
  phone = await openPage(browser, PHONE);
  await phone.goto(`${gateway.url}/login`);
  await checkPage(phone, 'login');
  await phone.fill('#email', 'mia@example.com');
  await phone.fill('#password', PASSWORD);
  await phone.getByRole('main').locator('form button').first().click();
  await phone.waitForLoadState();
  connectors = (await gateway.api('GET', '/v1/connectors')).body;
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
});

const goOn = async (page) => {
  await Promise.all([page.waitForEvent('load'), page.getByRole('main').getByRole('button', { name: 'Go on' }).click()]);
};

/** An installation of each method, at the form of its params. */
async function* forms(page) {
  for (const { id } of connectors) {
    const { body: connector } = await gateway.api('GET', `/v1/connectors/${id}`);
    for (const method of connector.auth ?? [{ id: 'given', params: [] }]) {
      const begun = await gateway.api('POST', '/v1/installations', { connector: id, id: `${id}-${method.id}`.replaceAll('_', '-') });
      assert.equal(begun.status, 200, JSON.stringify(begun.body));
      await page.goto(`${gateway.url}/connect/${begun.body.id}`);
      await checkPage(page, `form-${id}-${method.id}-choose`);
      if (await page.locator('#method').count()) await page.selectOption('#method', method.id);
      yield { page, connector, method, installation: begun.body.id };
      await gateway.api('DELETE', `/v1/installations/${begun.body.id}`);
    }
  }
}

test('every page that needs no connection, at both widths', async () => {
  for (const page of [desk, phone]) {
    for (const path of ['/', '/connect', '/apps', '/people', '/audit', '/account', ...connectors.map((c) => `/apps/new?connector=${c.id}`)]) {
      await page.goto(gateway.url + path);
      await checkPage(page, `page${path.replaceAll(/[^a-z]+/g, '-')}`);
    }
  }
});

test('every form of every connector passes axe-core at both widths, empty and wrong', async () => {
  let count = 0;
  for (const page of [desk, phone]) {
    for await (const { connector, method } of forms(page)) {
      await goOn(page);
      const name = `form-${connector.id}-${method.id}`;
      if ((await page.locator('[aria-current=step]').innerText()).startsWith('How') || await page.locator('#method').count()) {
        // The method needs an app, and there is none: said at its field.
        assert.match(await page.locator('#app-error').innerText(), /app/i, `${name} says that it needs an app`);
        await checkPage(page, `${name}-no-app`);
        continue;
      }
      await checkPage(page, name);
      for (const input of await page.locator('main input:not([type=hidden]):not([type=checkbox]), main textarea').all()) await input.fill('');
      await goOn(page);
      await checkPage(page, `${name}-wrong`);
      const required = connector.params.filter((p) => method.params.includes(p.id) && !p.optional && p.default === undefined);
      for (const p of required) {
        assert.equal(await page.locator(`#${p.id}-error`).count(), 1, `${name} tells that ${p.id} is missing, at its field`);
        assert.equal(await page.locator(`#${p.id}`).getAttribute('aria-invalid'), 'true');
        assert.ok(await page.locator(`.problems a[href="#${p.id}"]`).count(), `${name} links to ${p.id} from its summary`);
      }
      count += 1;
    }
  }
  assert.ok(count >= 2 * connectors.length, `${count} forms were looked at`);
  for (const page of [desk, phone]) assert.deepEqual(page.problems, [], 'no errors in the console');
});

test('a form is filled in and sent by keyboard alone', async () => {
  for await (const { page, connector, method } of forms(desk)) {
    if (method.app_params?.length) continue;
    await tabTo(page, 'main button:not(.quiet)');
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    for (const p of connector.params.filter((q) => method.params.includes(q.id))) {
      const field = page.locator(`#${p.id}`);
      if (!await field.count() || !await field.isVisible()) continue;
      await tabTo(page, `#${p.id}`);
      if (p.input_type === 'select') continue;
      await page.keyboard.press('Control+A');
      await page.keyboard.type(typeof p.example === 'string' ? p.example : 'x');
    }
    await tabTo(page, 'main form button:not(.quiet)');
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    assert.ok(page.url().startsWith(gateway.url), `${connector.id} by ${method.id} was sent`);
  }
});

test('a wrong form is told with the same words on the same fields by page, REST and command', async () => {
  const wrong = { site: 'ftp://nowhere', email: 'no address', project_key: '1', api_token: 'x' };
  const { body: begun } = await gateway.api('POST', '/v1/installations', { connector: 'jira', id: 'wrong', method: 'api_token' });
  await desk.goto(`${gateway.url}/connect/${begun.id}`);
  await goOn(desk);
  for (const [id, value] of Object.entries(wrong)) await desk.fill(`#${id}`, value);
  await goOn(desk);
  const page = {};
  for (const id of ['site', 'email', 'project_key']) page[id] = (await desk.locator(`#${id}-error`).innerText()).replace(/^Error:\s*/, '').trim();

  const rest = await gateway.api('PUT', '/v1/connections/wrong', { connector: 'jira', values: wrong });
  assert.equal(rest.status, 422);
  const fields = Object.fromEntries(rest.body.error.fields.map((f) => [f.pointer.replace('/values/', ''), f.message]));
  // A secret does not stand on a command line.
  const set = Object.entries(wrong).filter(([id]) => id !== 'api_token').flatMap(([id, value]) => ['--set', `${id}=${value}`]);
  const command = await gateway.command('connections', 'put', 'wrong', '--connector', 'jira', ...set);
  assert.equal(command.code, 1, command.out);
  for (const id of ['site', 'email', 'project_key']) {
    assert.equal(page[id], fields[id], `the page and REST about ${id}`);
    assert.ok(command.out.replaceAll(/\s+/g, ' ').includes(fields[id].replaceAll(/\s+/g, ' ')), `the command about ${id}: ${fields[id]}\n${command.out}`);
  }
});
