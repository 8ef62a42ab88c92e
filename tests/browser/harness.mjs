// What the browser's tests share: a gateway of their own, Chromium, and the checks of every page.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strict as assert } from 'node:assert';
import axe from 'axe-core';
import { chromium } from 'playwright-core';

/** The program under test; the one test that cannot run says what it needs. */
export const BINARY = process.env.JACKFIELD_TEST_BINARY ?? new URL('../../target/debug/jackfield', import.meta.url).pathname;
const BROWSER = process.env.JACKFIELD_TEST_CHROMIUM ?? '/usr/bin/chromium';
/** Where screenshots go, for people to look at; none are made without it. */
const SHOTS = process.env.JACKFIELD_TEST_SCREENSHOTS;

export const PHONE = { width: 375, height: 720 };
export const DESK = { width: 1280, height: 900 };

export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

export async function until(what, check, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await check();
    if (found) return found;
    assert.ok(Date.now() < end, `${what} did not come within ${seconds} s`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** Without settings of whoever runs the tests. */
const ENVIRONMENT = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('JACKFIELD_')));

/** A gateway in a state directory of its own, with its log kept. */
export class Gateway {
  constructor({ port, args = [] }) {
    assert.ok(existsSync(BINARY), `there is no ${BINARY}: build it with \`cargo build -p jackfield\`, or name it by JACKFIELD_TEST_BINARY`);
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.args = args;
    this.state = mkdtempSync(join(tmpdir(), 'jackfield-browser-'));
    this.log = '';
  }

  async start() {
    this.child = spawn(BINARY, ['serve', '--state-dir', this.state, '--listen', `127.0.0.1:${this.port}`, ...this.args], { env: ENVIRONMENT });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (text) => { this.log += text; });
    this.ended = new Promise((done) => this.child.on('exit', done));
    await until('the gateway', async () => {
      assert.equal(this.child.exitCode, null, `the gateway ended:\n${this.log}`);
      return fetch(`${this.url}/health/ready`).then((r) => r.ok, () => false);
    });
    return this;
  }

  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  async stop() {
    if (this.child?.exitCode === null) {
      this.child.kill('SIGTERM');
      await this.ended;
    }
    rmSync(this.state, { recursive: true, force: true });
  }

  get token() {
    return readFileSync(join(this.state, 'token'), 'utf8').trim();
  }

  /** A request to the REST API with the operator's token; gives status and body. */
  async api(method, path, body) {
    const response = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    let value = text;
    try { value = JSON.parse(text); } catch { /* a page */ }
    return { status: response.status, body: value };
  }

  /** A command, with what it wrote. */
  async command(...args) {
    const child = spawn(BINARY, ['--state-dir', this.state, ...args], { env: ENVIRONMENT });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { out += text; });
    child.stdin.end();
    const code = await new Promise((done) => child.on('exit', done));
    return { code, out };
  }
}

export async function startBrowser() {
  assert.ok(existsSync(BROWSER), `there is no Chromium at ${BROWSER}; Debian's package is \`chromium\``);
  return chromium.launch({
    executablePath: BROWSER,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

/** A page whose console errors and failed requests are failures of the test. */
export async function openPage(browser, viewport = DESK) {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.problems = [];
  // A form that is told to be wrong is an answer of its own, and other sites' resources are their matter.
  const ours = (m) => m.type() === 'error' && !/status of 422|ERR_NAME_NOT_RESOLVED/.test(m.text()) && !m.location().url.endsWith('/favicon.ico');
  page.on('console', (m) => { if (ours(m)) page.problems.push(`${m.location().url}: ${m.text()}`); });
  page.on('pageerror', (e) => page.problems.push(String(e)));
  return page;
}

/** No axe-core violation, nothing wider than the window, a title, one main landmark, one first heading. */
export async function checkPage(page, name) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
  const told = found.violations.map((v) => `${v.id}: ${v.help}\n${v.nodes.map((n) => `    ${n.target} ${n.failureSummary}`).join('\n')}`);
  assert.equal(told.join('\n'), '', `axe-core at ${name} (${page.url()})`);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(overflow <= 0, `${name} is ${overflow} px wider than the window of ${page.viewportSize().width} px`);
  assert.ok((await page.title()).length > 0, `${name} has no title`);
  assert.equal(await page.locator('main').count(), 1, `${name} has one main landmark`);
  assert.equal(await page.locator('h1').count(), 1, `${name} has one first heading`);
  await shot(page, name);
}

export async function shot(page, name) {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}-${page.viewportSize().width}.png`), fullPage: true });
}

/** Goes to an element by Tab alone, as somebody without a mouse does. */
export async function tabTo(page, selector, most = 60) {
  for (let i = 0; i < most; i += 1) {
    await page.keyboard.press('Tab');
    const there = await page.evaluate((s) => document.activeElement?.matches(s), selector);
    if (there) {
      const visible = await page.evaluate(() => {
        const style = getComputedStyle(document.activeElement);
        return style.outlineStyle !== 'none' || style.boxShadow !== 'none';
      });
      assert.ok(visible, `the focus cannot be seen at ${selector}`);
      return;
    }
  }
  assert.fail(`${selector} is not reached by ${most} presses of Tab at ${page.url()}`);
}
