// SPDX-License-Identifier: MIT
// The steps to a cloud of one's own, and how far it is.

/**
 * @typedef {{ serial: string, name: string | null, connected: boolean, came: boolean, key_fits: boolean | null, messages: number, accounts: string[] }} CloudPrinter
 * @typedef {{ running: boolean, connections?: number, folder: string, bind: string[], mqtt_port: number, api_port: number, hosts: string[], ca_sha256: string | null,
 *   pairing_open: boolean, accounts: string[], printers: CloudPrinter[], mirror: CloudMirror | null }} CloudStatus
 * @typedef {{ broker: string | null, accounts: { account: string, state: 'passes' | 'connecting' | 'refused' | 'loop', since: string | null, printers: number, problem: string | null }[] }} CloudMirror
 * @typedef {{ state: 'off' | 'none' | 'stopped' | 'running', folder: string | null, address: string | null, start: string[], status: CloudStatus | null }} Cloud
 */

export const STEPS = ['make', 'account', 'start', 'printers', 'network', 'arrive'];
/** What there is to do with one that is in use. */
export const DAYS = ['people', 'devices', 'sessions', 'copies', 'names'];

/** Which steps are done. @param {Cloud} cloud @param {boolean | null} reaches whether a printer would come here @returns {Record<string, boolean>} */
export function doneOf(cloud, reaches) {
	const status = cloud.status;
	const comes = (status?.printers ?? []).some((printer) => printer.connected);
	return {
		make: status !== null,
		account: (status?.accounts ?? []).length > 0,
		start: cloud.state === 'running',
		printers: (status?.printers ?? []).length > 0,
		network: reaches === true || comes,
		arrive: comes,
	};
}

/** Whether only programs of that machine reach it. @param {string[]} bind */
export const isLoopback = (bind) => bind.every((address) => address.startsWith('127.') || address === '::1');
