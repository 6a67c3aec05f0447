/* SPDX-License-Identifier: MIT */
#include "simulator/printer/reply_habits.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define RING_SIZE         512
#define SPLICE_TAIL       48 /* bytes after the splice, at least */
#define SPLICE_VARIES     16
#define SPLICE_GAP        6 /* bytes that are missing there, at least */
#define SPLICE_GAP_VARIES 24
#define TERMINATOR        "ok\n"
#define RING_LINE_WORD    "M2021"
#define NOT_AWAITED_CUT   32 /* bytes, as captured of M92 and M204 */

static const struct reply_habit *find_habit(const struct reply_habit *habits, const char *word)
{
	while (habits->word[0] && strcmp(habits->word, word) != 0) {
		habits++;
	}
	return habits;
}

static void add_ring_buffer(struct reply_text *reply, uint32_t queued)
{
	reply_text_add(reply, "+ringbuf:%u,%d,%d\n", queued, RING_SIZE, queued == 0 ? 1 : 0);
}

static void cut(struct reply_text *reply, size_t length)
{
	if (reply->length > length) {
		reply->length = length;
		reply->data[length] = '\0';
	}
}

static void write_queued(const struct reply_text *answer, uint32_t queued, struct reply_text *reply)
{
	reply_text_add(reply, "%s", answer->data);
	add_ring_buffer(reply, queued);
	reply_text_add(reply, TERMINATOR);
}

/* When the text comes, the printer has mostly stopped collecting. */
static void write_not_awaited(const struct reply_text *answer, uint32_t queued,
			      struct reply_text *reply)
{
	reply_text_add(reply, TERMINATOR "\n");
	add_ring_buffer(reply, queued);
	reply_text_add(reply, "%s", answer->data);
	if (answer->length > 0) {
		cut(reply, NOT_AWAITED_CUT);
	}
}

static void write_whole(enum flagship_gcode_class class, const char *word,
			const struct reply_text *answer, uint32_t queued, struct reply_text *reply)
{
	reply_text_init(reply);
	switch (class) {
	case FLAGSHIP_GCODE_TEMPERATURES:
		reply_text_add(reply, "ok %s", answer->data);
		break;
	case FLAGSHIP_GCODE_INTERCEPTED:
		if (strcmp(word, RING_LINE_WORD) == 0) {
			add_ring_buffer(reply, queued);
		}
		reply_text_add(reply, TERMINATOR);
		break;
	case FLAGSHIP_GCODE_AT_ONCE:
		reply_text_add(reply, "%s" TERMINATOR "\n", answer->data);
		add_ring_buffer(reply, queued);
		break;
	case FLAGSHIP_GCODE_NOT_AWAITED_EARLY:
		reply_text_add(reply, TERMINATOR "\n");
		write_not_awaited(answer, queued, reply);
		break;
	case FLAGSHIP_GCODE_NOT_AWAITED:
		write_not_awaited(answer, queued, reply);
		break;
	case FLAGSHIP_GCODE_QUEUED_EARLY:
		reply_text_add(reply, TERMINATOR "\n");
		write_queued(answer, queued, reply);
		break;
	default:
		write_queued(answer, queued, reply);
		break;
	}
}

/* The end is lost together with the head: a spliced reply never ends in its terminator. */
static void splice(struct reply_text *reply, struct random_source *random)
{
	char out[REPLY_LIMIT + 1];
	size_t tail = SPLICE_TAIL + random_below(random, SPLICE_VARIES);
	size_t gap = SPLICE_GAP + random_below(random, SPLICE_GAP_VARIES);
	size_t lost_end = sizeof(TERMINATOR) + random_below(random, SPLICE_VARIES);

	if (reply->length <= REPLY_LIMIT + gap + lost_end) {
		cut(reply, REPLY_LIMIT);
		return;
	}
	const char *end = reply->data + reply->length - lost_end;
	size_t head = REPLY_LIMIT - tail;
	memcpy(out, end - tail - gap - head, head);
	memcpy(out + head, end - tail, tail);
	out[REPLY_LIMIT] = '\0';
	reply_text_init(reply);
	reply_text_add(reply, "%s", out);
}

void reply_habits_apply(const struct reply_habit *habits, enum flagship_gcode_class class,
			const char *word, const struct reply_text *answer, uint32_t queued,
			struct random_source *random, struct reply_text *reply)
{
	const struct reply_habit *habit = find_habit(habits, word);

	write_whole(class, word, answer, queued, reply);
	if (habit->cut > 0) {
		cut(reply, habit->cut);
	}
	if (reply->length > REPLY_LIMIT && habit->spliced) {
		splice(reply, random);
	}
	cut(reply, REPLY_LIMIT);
}

size_t reply_habits_piece(const struct reply_habit *habits, const char *word, bool *left_over)
{
	const struct reply_habit *habit = find_habit(habits, word);

	*left_over = habit->left_over;
	return habit->piece;
}

void reply_text_init(struct reply_text *text)
{
	text->length = 0;
	text->data[0] = '\0';
}

void reply_text_add(struct reply_text *text, const char *format, ...)
{
	size_t left = sizeof(text->data) - text->length;
	va_list arguments;

	va_start(arguments, format);
	int wanted = vsnprintf(text->data + text->length, left, format, arguments);
	va_end(arguments);
	if (wanted < 0) {
		text->data[text->length] = '\0';
		return;
	}
	text->length += (size_t)wanted < left ? (size_t)wanted : left - 1;
}
