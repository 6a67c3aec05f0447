// SPDX-License-Identifier: MIT
// Shapes of what the gateway sends: docs/json.md and docs/api.md say what they mean.

export interface Heater {
	current_c: number | null;
	target_c: number | null;
}

export interface Job {
	state: string | null;
	name: string | null;
	progress_percent: number | null;
	elapsed_s: number | null;
	remaining_s: number | null;
	remaining_estimated: boolean | null;
	finish_at: string | null;
	layer: number | null;
	layers: number | null;
	speed_mm_s: number | null;
	filament_estimated: number | null;
	filament_used: number | null;
	filament_unit: string | null;
	task_id: string | null;
}

export interface Printer {
	serial: string;
	name: string | null;
	model: string | null;
	online: boolean;
	seen_at: string | null;
	job: Job;
	nozzle: Heater;
	bed: Heater;
	fan_percent: number | null;
	speed_mm_s: number | null;
	max_speed_mm_s: number | null;
	z_offset_mm: number | null;
	levelled: boolean | null;
	filament: string[] | null;
	error: { code: string; level: string | null; text: string | null } | null;
	alert: { source: string; number: number; text: string } | null;
	activity: { name: string | null; state: number | null; step: number | null } | null;
	ink: { colour: string; remaining_percent: number | null; days_left: number | null; expired: boolean | null }[] | null;
	waste: { remaining_percent: number | null; days_left: number | null; expired: boolean | null } | null;
	accessory: { name: string | null; plate: string | null; version: string | null } | null;
	purifier: { name: string | null; mode: number | null; delay_s: number | null } | null;
	age_s: { job: number | null; nozzle: number | null; bed: number | null };
}

export interface Session {
	user: string | null;
	by: string;
	role: 'viewer' | 'operator' | 'admin';
	printers: string[] | null;
	csrf: string | null;
}

export interface Snapshot {
	seq: number;
	type: 'snapshot';
	stream: string;
	printers: Printer[];
}

export interface Start {
	version?: string;
	session?: Session | null;
	setup?: boolean;
	snapshot?: Snapshot | null;
	next?: Record<string, { name: string; wants_plate: boolean }> | null;
	page?: Record<string, unknown> | null;
}

export type Message =
	| Snapshot
	| { seq: number; type: 'patch'; printer: string; patch: Record<string, unknown> }
	| { seq: number; type: 'event'; printer: string; event: Record<string, any> }
	| { seq: number; type: 'queue'; printer: string | null; queue: { id: number; state: string | null } & Record<string, any> }
	| { seq: number; type: 'removed'; printer: string }
	| { seq: number; type: 'page'; page: Record<string, unknown> }
	| { seq: number; type: 'beat' };

/** What came of a command: docs/serve.md, Commands. */
export interface Outcome {
	outcome: 'confirmed' | 'accepted' | 'refused' | 'unanswered' | 'failed' | null;
	effect?: string | null;
	detail?: string;
	forceable?: boolean;
	warning?: string | null; // what did not follow from it in the gateway
	replies?: unknown;
	text?: string;
	complete?: boolean;
	id?: string;
}

export interface Answer<T = any> {
	ok: boolean;
	status: number; // 0: the gateway was not reached
	data: T;
	detail: string; // for people, where it is not ok
}

/** One line of routes.js. */
export interface Route {
	path: string; // "/p/:serial"; a last ":rest*" takes all that follows
	view?: (props: any) => any;
	load?: () => Promise<Record<string, any>>; // a module with an export `view`, where that is loaded when it is wanted
	title: string; // a key of text/
	nav?: { icon: string; label: string; match?: string; key?: string }; // in the bar; match: paths that begin so belong to it; key: g and this one, else the icon's first letter
	bare?: boolean; // without bar and head
	open?: boolean; // also for whoever has not logged in
}
