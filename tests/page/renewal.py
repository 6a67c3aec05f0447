# SPDX-License-Identifier: MIT
"""A browser renews its subscription: the event, which Chromium has no command for, is made in the service worker itself."""

import json

from process import until

RENEW = """(() => {
	const { old, next } = %s;
	const event = new ExtendableEvent('pushsubscriptionchange');
	return new Promise((resolve) => {
		event.oldSubscription = { endpoint: old.endpoint };
		event.newSubscription = { endpoint: next.endpoint, toJSON: () => ({ ...next, expirationTime: null }) };
		event.waitUntil = resolve;
		self.dispatchEvent(event);
	});
})()"""


def renew(browser, page, old, new):
    """Until the worker has done with it. old, new: a push_service.Device."""
    until(lambda: browser.run(page.context, [["serviceWorkers"], ["length"]]))
    browser.run(page.context, [["serviceWorkers"], ["0"]], "worker")
    given = {"old": {"endpoint": old.endpoint}, "next": {key: new.subscription()[key] for key in ("endpoint", "keys")}}
    browser.run("worker", [["evaluate", RENEW % json.dumps(given)]])
