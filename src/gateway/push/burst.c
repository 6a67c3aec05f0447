/* SPDX-License-Identifier: MIT */
#include "gateway/push/burst.h"

#include <string.h>

static bool is_over(const struct push_burst *burst, int64_t now_ms)
{
	return now_ms - burst->begun_ms >= PUSH_BURST_MS;
}

static void collect(struct push_burst *burst, enum push_kind kind, uint32_t printer)
{
	burst->of_kind[kind]++;
	for (unsigned int i = 0; i < burst->printer_count; i++) {
		if (burst->printers[i] == printer) {
			return;
		}
	}
	if (burst->printer_count < PUSH_BURST_PRINTERS) {
		burst->printers[burst->printer_count++] = printer;
	}
}

bool push_burst_admit(struct push_burst *burst, enum push_kind kind, uint32_t printer,
		      int64_t now_ms)
{
	/* What is collected is told before anything is told by itself again. */
	if (burst->printer_count == 0 && (burst->told == 0 || is_over(burst, now_ms))) {
		burst->begun_ms = now_ms;
		burst->told = 0;
	}
	if (burst->told < PUSH_BURST_FREE) {
		burst->told++;
		return true;
	}
	collect(burst, kind, printer);
	return false;
}

bool push_burst_is_due(const struct push_burst *burst, int64_t now_ms)
{
	return burst->printer_count > 0 && is_over(burst, now_ms);
}

int64_t push_burst_due_ms(const struct push_burst *burst)
{
	return burst->printer_count > 0 ? burst->begun_ms + PUSH_BURST_MS : INT64_MAX;
}

void push_burst_reset(struct push_burst *burst)
{
	memset(burst, 0, sizeof(*burst));
}
