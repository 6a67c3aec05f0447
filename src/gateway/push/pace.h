/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PUSH_PACE_H
#define GATEWAY_PUSH_PACE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/*
 * When something is looked after: once the next thing is due, shortly after somebody said that
 * there is something, and each minute, whatever happens. Never more often than four times a second.
 */
#define PUSH_PACE_SOON_MS INT64_C(250)
#define PUSH_PACE_IDLE_MS INT64_C(60000)

/* Does what is due; returns when the next thing is, on the loop's clock; INT64_MAX: nothing is. It
 * may call push_pace_wake, and push_pace_stop. */
typedef int64_t push_pace_beat(void *context, int64_t now_ms);

struct push_pace {
	uv_timer_t timer;
	push_pace_beat *beat;
	void *context;
	bool is_awake; /* the next beat is a soon one */
	bool is_stopped;
};

void push_pace_start(struct push_pace *pace, uv_loop_t *loop, push_pace_beat *beat, void *context);
void push_pace_wake(struct push_pace *pace);
/* Its memory has to stay until the loop has closed the timer. */
void push_pace_stop(struct push_pace *pace);

#endif
