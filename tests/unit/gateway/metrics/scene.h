/* SPDX-License-Identifier: MIT */
#ifndef TESTS_GATEWAY_METRICS_SCENE_H
#define TESTS_GATEWAY_METRICS_SCENE_H

#include "gateway/metrics/metrics.h"

#define SCENE_KINDS   5
#define SCENE_NOW_MS  INT64_C(5000000)
#define SCENE_UNIX_MS INT64_C(1780000000000)

/* Printers of each kind in turn: an M5 that prints and tells all that there is to tell, an E1 that
 * does, an M5C that is offline, one that was never heard of, and one with a hostile name. */
enum scene_kind {
	SCENE_FULL,
	SCENE_E1,
	SCENE_OFFLINE,
	SCENE_SILENT,
	SCENE_HOSTILE,
};

struct scene {
	struct printer_state *states;
	struct metrics_printer *printers;
	struct metrics_gateway gateway;
	struct metrics_input input;
};

void scene_init(struct scene *scene, size_t count);
void scene_finish(struct scene *scene);

#endif
