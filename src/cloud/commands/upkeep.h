/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_COMMANDS_UPKEEP_H
#define CLOUD_COMMANDS_UPKEEP_H

#include "base/clock.h"
#include "cloud/registry/service.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/*
 * What the registry forgets, once an hour: tokens that expired, claims that waited for a week. What
 * is forgotten by a clock that is ahead is gone for good. So it is no clock that was set within the
 * hour, and none of a machine that has just started and may have no better one yet.
 */
#define UPKEEP_EVERY_MS INT64_C(3600000)
#define UPKEEP_STEP_MS  INT64_C(60000) /* more than a clock is corrected bit by bit in an hour */

struct upkeep {
	struct registry_service *service;
	uv_timer_t timer;
	struct clock_watch watch;
	struct database_job job;
	int64_t now_s; /* of the job */
	bool under_way;
};

/* The service runs until after upkeep_stop. */
void upkeep_start(struct upkeep *upkeep, uv_loop_t *loop, struct registry_service *service);
void upkeep_stop(struct upkeep *upkeep);

#endif
