/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PUSH_BURST_H
#define GATEWAY_PUSH_BURST_H

#include "gateway/push/book.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A farm whose power comes and goes would have each device ring a hundred times. So one is told of
 * PUSH_BURST_FREE things within PUSH_BURST_MS one by one; what comes beyond that is counted, and
 * told as one thing once that time is over. Pure: times are passed in.
 */
#define PUSH_BURST_MS   INT64_C(10000)
#define PUSH_BURST_FREE 5
/* Printers that are told apart; of more it is said that there are so many. */
#define PUSH_BURST_PRINTERS 256

/* Zeroed at first. */
struct push_burst {
	int64_t begun_ms; /* of the time that is counted */
	unsigned int told;
	unsigned int of_kind[PUSH_KINDS];       /* collected */
	uint32_t printers[PUSH_BURST_PRINTERS]; /* of those, as numbers of the caller's */
	unsigned int printer_count;
};

/* Something of this kind is to be told of a printer. True: now, by itself; false: it is counted. */
bool push_burst_admit(struct push_burst *burst, enum push_kind kind, uint32_t printer,
		      int64_t now_ms);

/* Whether something was collected that is due now; the caller tells it, and resets the burst. */
bool push_burst_is_due(const struct push_burst *burst, int64_t now_ms);
/* When what was collected is due; INT64_MAX: nothing was. */
int64_t push_burst_due_ms(const struct push_burst *burst);
void push_burst_reset(struct push_burst *burst);

#endif
