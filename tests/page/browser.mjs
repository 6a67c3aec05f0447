// SPDX-License-Identifier: MIT
// Drives Chromium for tests/page/browser.py: a line of JSON in is one chain of calls of Playwright, a line out is what it gave.
//   {"id": 1, "on": "page1", "chain": [["getByRole", "button", {"name": "Pause"}], ["click"]], "keep": "name"}

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(`${process.env.PAGE_TOOLS}/package.json`);
const { chromium } = require('playwright-core');
const objects = { browser: await chromium.launch({ executablePath: process.env.PAGE_BROWSER, args: ['--no-sandbox', '--disable-dev-shm-usage', ...(process.env.PAGE_FLAGS ?? '').split(' ').filter(Boolean)] }) };
objects.node = globalThis; // what a function that was given keeps there
const notes = {}; // by page: what its console and network said

function watch(name, page) {
	notes[name] = [];
	const note = (kind, text) => notes[name].push({ kind, text });
	page.on('console', (message) => note(message.type(), `${message.text()} ${message.location().url}`));
	page.on('pageerror', (error) => note('exception', String(error.stack ?? error)));
	page.on('websocket', (socket) => {
		note('socket', socket.url());
		socket.on('close', () => note('socket closed', socket.url()));
	});
	page.on('request', (request) => note('request', `${request.method()} ${request.url()}`));
}

/** Its own waiting evaluates texts in the page, which the page's policy forbids. */
async function until(page, expression, timeout) {
	const begin = performance.now();
	let last = '';
	for (let passed = 0; passed < timeout; passed = performance.now() - begin) {
		try {
			if (await page.evaluate(expression)) {
				return true;
			}
		} catch (error) {
			last = error.message; // what it asks about is not there yet, or the page is just another one
		}
		// What takes long is looked at less often: a look costs the machine more than the wait.
		await new Promise((resolve) => setTimeout(resolve, Math.min(Math.max(passed / 10, 20), 200)));
	}
	throw new Error(`waited in vain for ${expression} ${last}; the page says:\n${await page.evaluate('document.body.innerText')}`);
}

async function run({ on, chain, keep }) {
	let value = on === 'notes' ? notes : objects[on];
	for (const [member, ...words] of chain) {
		const given = words.map((word) => (word && typeof word === 'object' && word.$function ? new Function(`return (${word.$function})`)() : word && typeof word === 'object' && word.$object ? objects[word.$object] : word));
		value = member === 'until' ? await until(value, ...given) : typeof value[member] === 'function' ? await value[member](...given) : value[member];
	}
	if (keep) {
		objects[keep] = value;
		if (typeof value?.goto === 'function') {
			watch(keep, value);
		}
		return null;
	}
	return Buffer.isBuffer(value) ? value.toString('base64') : value;
}

for await (const line of createInterface({ input: process.stdin })) {
	const asked = JSON.parse(line);
	let answer;
	try {
		answer = { id: asked.id, value: (await run(asked)) ?? null };
	} catch (error) {
		answer = { id: asked.id, error: String(error.message ?? error) };
	}
	let text;
	try {
		text = JSON.stringify(answer);
	} catch {
		text = JSON.stringify({ id: asked.id, value: null }); // a thing of Playwright's own
	}
	process.stdout.write(`${text}\n`);
}
await objects.browser.close();
