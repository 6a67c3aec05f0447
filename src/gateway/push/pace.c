/* SPDX-License-Identifier: MIT */
#include "gateway/push/pace.h"

static void await_beat(struct push_pace *pace, int64_t pause_ms);

static void on_beat(uv_timer_t *timer)
{
	struct push_pace *pace = timer->data;
	int64_t now_ms = (int64_t)uv_now(timer->loop);

	pace->is_awake = false;
	int64_t due_ms = pace->beat(pace->context, now_ms);
	if (pace->is_stopped || pace->is_awake) {
		return;
	}
	int64_t pause_ms = due_ms < now_ms + PUSH_PACE_IDLE_MS ? due_ms - now_ms
							       : PUSH_PACE_IDLE_MS;
	await_beat(pace, pause_ms > PUSH_PACE_SOON_MS ? pause_ms : PUSH_PACE_SOON_MS);
}

static void await_beat(struct push_pace *pace, int64_t pause_ms)
{
	uv_timer_start(&pace->timer, on_beat, (uint64_t)pause_ms, 0);
}

void push_pace_start(struct push_pace *pace, uv_loop_t *loop, push_pace_beat *beat, void *context)
{
	pace->beat = beat;
	pace->context = context;
	uv_timer_init(loop, &pace->timer);
	pace->timer.data = pace;
	await_beat(pace, PUSH_PACE_IDLE_MS);
}

void push_pace_wake(struct push_pace *pace)
{
	if (!pace->is_awake && !pace->is_stopped) {
		pace->is_awake = true;
		await_beat(pace, PUSH_PACE_SOON_MS);
	}
}

void push_pace_stop(struct push_pace *pace)
{
	pace->is_stopped = true;
	uv_close((uv_handle_t *)&pace->timer, NULL);
}
