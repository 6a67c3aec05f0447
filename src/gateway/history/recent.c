/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/history/internal.h"

#include <stdlib.h>
#include <string.h>

/* Temperatures: the last twenty minutes in memory, and what is kept of every five seconds. */

#define NO_HEAT     UINT16_MAX
#define HEAT_OFFSET INT64_C(10000) /* -100 °C is 0 */
#define FRESH_MS    INT64_C(60000) /* what was not received for longer is not known any more */
#define LATE_TICKS  3              /* seconds that a late timer may have missed */
#define HEAT_NOZZLE 0
#define HEAT_BED    2

static uint16_t pack(int64_t centi_c)
{
	return centi_c == PRINTER_NEVER || centi_c < -HEAT_OFFSET ||
			       centi_c >= NO_HEAT - HEAT_OFFSET
		       ? NO_HEAT
		       : (uint16_t)(centi_c + HEAT_OFFSET);
}

static int64_t unpack(uint16_t heat)
{
	return heat == NO_HEAT ? PRINTER_NEVER : heat - HEAT_OFFSET;
}

static void take_temperature(const struct printer_temperature *temperature, int64_t now_ms,
			     uint16_t heats[])
{
	bool is_fresh = temperature->received_ms != PRINTER_NEVER &&
			units_time_since(now_ms, temperature->received_ms) <= FRESH_MS;

	heats[0] = is_fresh ? pack(temperature->current_centi_c) : NO_HEAT;
	heats[1] = is_fresh ? pack(temperature->target_centi_c) : NO_HEAT;
}

/* False where none is known. */
static bool take_heats(const struct known_printer *known, int64_t now_ms, uint16_t heats[HEATS])
{
	static const uint16_t none[HEATS] = {NO_HEAT, NO_HEAT, NO_HEAT, NO_HEAT};
	const struct printer_state *state = known->printer ? fleet_printer_state(known->printer)
							   : NULL;

	memcpy(heats, none, sizeof(none));
	if (state && state->online) {
		take_temperature(&state->nozzle, now_ms, heats + HEAT_NOZZLE);
		take_temperature(&state->bed, now_ms, heats + HEAT_BED);
	}
	return heats[HEAT_NOZZLE] != NO_HEAT || heats[HEAT_BED] != NO_HEAT;
}

static void keep_recent(struct known_printer *known, const uint16_t heats[HEATS], int64_t from,
			int64_t to)
{
	static const uint16_t none[HEATS] = {NO_HEAT, NO_HEAT, NO_HEAT, NO_HEAT};
	bool is_late = to - from >= LATE_TICKS;

	for (int64_t second = to - from > HISTORY_RECENT_S ? to - HISTORY_RECENT_S : from;
	     second <= to; second++) {
		/* What the machine slept through was not received. */
		memcpy(known->recent[second % HISTORY_RECENT_S],
		       is_late && second < to ? none : heats, sizeof(none));
	}
}

static int32_t sample_of(uint16_t heat)
{
	return heat == NO_HEAT ? TABLE_NO_HEAT : (int32_t)(heat - HEAT_OFFSET);
}

static struct table_sample make_sample(struct known_printer *known, const uint16_t heats[HEATS])
{
	return (struct table_sample){
		.printer = &known->table,
		.nozzle = sample_of(heats[HEAT_NOZZLE]),
		.nozzle_target = sample_of(heats[HEAT_NOZZLE + 1]),
		.bed = sample_of(heats[HEAT_BED]),
		.bed_target = sample_of(heats[HEAT_BED + 1]),
	};
}

static bool begin_recent(struct known_printer *known)
{
	known->recent = malloc(HISTORY_RECENT_S * sizeof(*known->recent));
	if (!known->recent) {
		return false;
	}
	memset(known->recent, UINT8_MAX, HISTORY_RECENT_S * sizeof(*known->recent));
	return true;
}

/* A record that nothing was found for is no record. */
static void keep_samples(struct history *history, struct sample_record *record)
{
	if (record && record->count > 0) {
		queue_samples(history, record);
	} else {
		free(record);
	}
}

static struct sample_record *begin_samples(const struct history *history, int64_t t_s)
{
	struct sample_record *record = malloc(sizeof(*record) +
					      history->known_count * sizeof(record->samples[0]));

	if (record) {
		*record = (struct sample_record){.t_s = t_s};
		list_init(&record->place);
	}
	return record;
}

void recent_take(struct history *history, int64_t steady_ms, int64_t unix_ms)
{
	int64_t second = steady_ms / MS_PER_S;
	int64_t t_s = unix_ms / MS_PER_S / HISTORY_SAMPLE_S * HISTORY_SAMPLE_S;
	struct sample_record *record = NULL;
	uint16_t heats[HEATS];

	if (t_s != history->sample_t_s) {
		history->sample_t_s = t_s;
		/* A clock that was not set yet has no place in a series. */
		record = t_s >= CLOCK_FLOOR_S ? begin_samples(history, t_s) : NULL;
	}
	for (size_t i = 0; i < history->known_count; i++) {
		struct known_printer *known = history->known[i];
		bool is_any = take_heats(known, steady_ms, heats);

		if ((known->recent || (is_any && begin_recent(known))) &&
		    second > history->second) {
			keep_recent(known, heats, history->second + 1, second);
		}
		if (is_any && record) {
			record->samples[record->count++] = make_sample(known, heats);
		}
	}
	history->second = second;
	keep_samples(history, record);
}

void history_recent(const struct history *history, const char *serial,
		    struct history_moment moments[HISTORY_RECENT_S])
{
	static const struct history_moment none = {PRINTER_NEVER, PRINTER_NEVER, PRINTER_NEVER,
						   PRINTER_NEVER};
	const struct known_printer *known = history_find(history, serial);

	for (int64_t i = 0; i < HISTORY_RECENT_S; i++) {
		moments[i] = none;
		if (known && known->recent) {
			const uint16_t *heats =
				known->recent[(history->second + 1 + i) % HISTORY_RECENT_S];

			moments[i] = (struct history_moment){
				.nozzle = unpack(heats[HEAT_NOZZLE]),
				.nozzle_target = unpack(heats[HEAT_NOZZLE + 1]),
				.bed = unpack(heats[HEAT_BED]),
				.bed_target = unpack(heats[HEAT_BED + 1]),
			};
		}
	}
}
