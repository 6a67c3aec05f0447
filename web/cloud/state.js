// SPDX-License-Identifier: MIT
// The steps to a cloud of one's own, and how far it is.

/**
 * @typedef {{ serial: string, name: string | null, connected: boolean, came: boolean, key_fits: boolean | null, messages: number, accounts: string[] }} CloudPrinter
 * @typedef {{ running: boolean, connections?: number, folder: string, bind: string[], mqtt_port: number, api_port: number, hosts: string[], ca_sha256: string | null,
 *   pairing_open: boolean, accounts: string[], printers: CloudPrinter[] }} CloudStatus
 * @typedef {{ state: 'off' | 'none' | 'stopped' | 'running', folder: string | null, address: string | null, start: string[], status: CloudStatus | null }} Cloud
 */

export const STEPS = ['make', 'account', 'start', 'printers', 'network', 'arrive'];

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
