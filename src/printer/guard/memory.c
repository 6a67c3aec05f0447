/* SPDX-License-Identifier: MIT */
#include "printer/guard/internal.h"

#include "printer/command/internal.h"
#include "printer/guard/gcode_words.h"

#include <math.h>
#include <string.h>

/* A notice that tells another offset than was asked for counts only when it is not an old one. */
#define NOTICE_DELAY_MS INT64_C(5000)

enum motion_code {
	CODE_ABSOLUTE = 90,
	CODE_RELATIVE = 91,
	CODE_BABYSTEP = 290,
};

void guard_memory_init(struct guard_memory *memory)
{
	*memory = (struct guard_memory){.z_offset_centi_mm = PRINTER_NEVER};
}

static void remember_babystep(struct guard_memory *memory, const struct printer_state *state,
			      const struct gcode_word *word, int64_t now_ms)
{
	struct gcode_value value;
	const char *cursor = word->arguments;
	int64_t from = memory->z_offset_centi_mm != PRINTER_NEVER ? memory->z_offset_centi_mm
								  : state->z_offset_centi_mm;

	if (from == PRINTER_NEVER || !gcode_word_next(word, &cursor, "ZS", &value) ||
	    !(fabs(value.value) < COMMAND_CENTI)) {
		return;
	}
	memory->z_offset_centi_mm = from + llround(value.value * COMMAND_CENTI);
	memory->z_offset_before_ms = now_ms + NOTICE_DELAY_MS;
}

static void remember_line(struct guard_memory *memory, const struct printer_state *state,
			  const char *line, int64_t now_ms)
{
	struct gcode_word word;
	const char *cursor = line;

	while (gcode_words_next(line, &cursor, &word)) {
		if (word.letter == 'G' &&
		    (word.number == CODE_ABSOLUTE || word.number == CODE_RELATIVE)) {
			memory->relative = word.number == CODE_RELATIVE;
		} else if (word.letter == 'M' && word.number == CODE_BABYSTEP) {
			remember_babystep(memory, state, &word, now_ms);
		}
	}
}

void guard_memory_sent(struct guard_memory *memory, const struct printer_state *state,
		       const char *json, size_t length, int64_t now_ms)
{
	struct flagship_payload payload;
	struct flagship_message message;
	char line[GUARD_LINE_SIZE];

	flagship_payload_init(&payload, json, length);
	while (flagship_payload_next(&payload, &message) > 0) {
		const struct flagship_gcode_command *gcode = &message.as.gcode_command;
		if (message.type == FLAGSHIP_MESSAGE_GCODE_COMMAND &&
		    (gcode->present & FLAGSHIP_GCODE_COMMAND_HAS_COMMAND)) {
			flagship_text_copy(gcode->command, line, sizeof(line));
			remember_line(memory, state, line, now_ms);
		}
	}
}

void guard_memory_received(struct guard_memory *memory, int64_t z_offset_centi_mm, int64_t now_ms)
{
	if (z_offset_centi_mm == memory->z_offset_centi_mm ||
	    now_ms >= memory->z_offset_before_ms) {
		memory->z_offset_centi_mm = PRINTER_NEVER;
	}
}
