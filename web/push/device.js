// SPDX-License-Identifier: MIT
// This browser as a device that is told what happens: whether it can be, and its subscription.

const WORKER = '/push-worker.js';

/** The only script that becomes a worker; browsers that know no policies take the text. */
const policy = /** @type {any} */ (window).trustedTypes?.createPolicy('flagship-worker', {
	createScriptURL: (/** @type {string} */ address) => {
		if (address !== WORKER) {
			throw new TypeError(address);
		}
		return address;
	},
});

/** Why it cannot be told; '' where it can. @returns {'' | 'insecure' | 'unsupported' | 'blocked'} */
export function hindrance() {
	if (!window.isSecureContext) {
		return 'insecure';
	}
	if (!('serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window)) {
		return 'unsupported';
	}
	return Notification.permission === 'denied' ? 'blocked' : '';
}

/** @returns {Promise<PushSubscription | null>} */
export async function currentSubscription() {
	const registration = hindrance() ? null : await navigator.serviceWorker.getRegistration('/');
	return (await registration?.pushManager.getSubscription()) ?? null;
}

/** @param {string} text in base64url */
function bytesOf(text) {
	return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
}

/** @param {PushSubscription} subscription @param {Uint8Array} key */
function isBoundTo(subscription, key) {
	const bound = subscription.options?.applicationServerKey;
	return !bound || String(new Uint8Array(bound)) === String(key);
}

/** May ask the user. Throws what the browser says. @param {string} publicKey @returns {Promise<PushSubscription>} */
export async function subscribe(publicKey) {
	if ((await Notification.requestPermission()) !== 'granted') {
		throw new Error('blocked');
	}
	await navigator.serviceWorker.register(policy ? policy.createScriptURL(WORKER) : WORKER, { scope: '/', updateViaCache: 'none' });
	const registration = await navigator.serviceWorker.ready;
	const key = bytesOf(publicKey);
	const had = await registration.pushManager.getSubscription();
	if (had && !isBoundTo(had, key)) {
		await had.unsubscribe();
	}
	return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

/** What people would call this browser. */
export function deviceName() {
	const agent = navigator.userAgent;
	const browser = /Edg/.test(agent) ? 'Edge' : /Firefox/.test(agent) ? 'Firefox' : /Chrome/.test(agent) ? 'Chrome' : /Safari/.test(agent) ? 'Safari' : '';
	const system = /Android/.test(agent) ? 'Android' : /iPhone/.test(agent) ? 'iPhone' : /iPad/.test(agent) ? 'iPad' : /Windows/.test(agent) ? 'Windows' : /Mac/.test(agent) ? 'Mac' : /Linux/.test(agent) ? 'Linux' : '';
	return [browser, system].filter(Boolean).join(', ');
}
