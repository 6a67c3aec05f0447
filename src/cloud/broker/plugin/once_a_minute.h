/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_PLUGIN_ONCE_A_MINUTE_H
#define CLOUD_BROKER_PLUGIN_ONCE_A_MINUTE_H

#include <stdbool.h>
#include <stdint.h>

#define ONCE_A_MINUTE_S 60

/*
 * Whether something that goes on may be reported again, which counts as reported then.
 * reported_at_s: when it was reported last, 0 for never, kept by the caller for each thing that is
 * reported. now_s: of a clock that is never set back, above 0.
 */
static inline bool once_a_minute(int64_t *reported_at_s, int64_t now_s)
{
	if (*reported_at_s != 0 && now_s - *reported_at_s < ONCE_A_MINUTE_S) {
		return false;
	}
	*reported_at_s = now_s;
	return true;
}

#endif
