/* SPDX-License-Identifier: MIT */
#include <flagship/gcode.h>

#include <string.h>

#define GCODE_OK           "ok\n"
#define GCODE_OK_LENGTH    (sizeof(GCODE_OK) - 1)
#define GCODE_RING         "+ringbuf:"
#define GCODE_RING_LENGTH  (sizeof(GCODE_RING) - 1)
#define GCODE_TEMPERATURE  "ok T:"
#define GCODE_REPLY_LIMIT  512
#define GCODE_DECIMAL_BASE 10

/* A part of the reply. */
struct gcode_span {
	const char *data;
	size_t length;
};

struct gcode_ring {
	uint32_t queued;
	uint32_t size;
	bool flag;
};

/* The first line with its line break, or all there is. */
static struct gcode_span gcode_first_line(struct gcode_span text)
{
	const char *end = memchr(text.data, '\n', text.length);

	if (end) {
		text.length = (size_t)(end - text.data) + 1;
	}
	return text;
}

static struct gcode_span gcode_last_line(struct gcode_span text)
{
	size_t start = text.length - 1;

	while (start > 0 && text.data[start - 1] != '\n') {
		start--;
	}
	text.data += start;
	text.length -= start;
	return text;
}

static struct gcode_span gcode_skip(struct gcode_span text, size_t length)
{
	text.data += length;
	text.length -= length;
	return text;
}

static bool gcode_is_ok(struct gcode_span line)
{
	return line.length == GCODE_OK_LENGTH && !memcmp(line.data, GCODE_OK, GCODE_OK_LENGTH);
}

static bool gcode_is_blank(struct gcode_span line)
{
	return line.length == 1 && line.data[0] == '\n';
}

static bool gcode_take_number(struct gcode_span *text, uint32_t *number)
{
	const char *start = text->data;

	*number = 0;
	while (text->length > 0 && text->data[0] >= '0' && text->data[0] <= '9') {
		uint32_t digit = (uint32_t)(text->data[0] - '0');

		if (*number > (UINT32_MAX - digit) / GCODE_DECIMAL_BASE) {
			return false;
		}
		*number = *number * GCODE_DECIMAL_BASE + digit;
		*text = gcode_skip(*text, 1);
	}
	return text->data != start;
}

static bool gcode_take_comma(struct gcode_span *text)
{
	if (text->length == 0 || text->data[0] != ',') {
		return false;
	}
	*text = gcode_skip(*text, 1);
	return true;
}

/* +ringbuf:N,M,E with E 0 or 1. A line that is cut is none: its numbers may lack digits. */
static bool gcode_read_ring(struct gcode_span line, struct gcode_ring *ring)
{
	uint32_t flag;

	if (line.length < GCODE_RING_LENGTH ||
	    memcmp(line.data, GCODE_RING, GCODE_RING_LENGTH) != 0) {
		return false;
	}
	line = gcode_skip(line, GCODE_RING_LENGTH);
	if (!gcode_take_number(&line, &ring->queued) || !gcode_take_comma(&line) ||
	    !gcode_take_number(&line, &ring->size) || !gcode_take_comma(&line) ||
	    !gcode_take_number(&line, &flag) || flag > 1) {
		return false;
	}
	ring->flag = flag == 1;
	return gcode_is_blank(line);
}

/* The last one counts: it is the newest. */
static void gcode_find_ring(struct gcode_span text, struct flagship_gcode_reply *reply)
{
	while (text.length > 0) {
		struct gcode_span line = gcode_first_line(text);
		struct gcode_ring ring;

		if (gcode_read_ring(line, &ring)) {
			reply->has_ring_buffer = true;
			reply->queued = ring.queued;
			reply->ring_size = ring.size;
			reply->queue_flag = ring.flag;
		}
		text = gcode_skip(text, line.length);
	}
}

static struct gcode_span gcode_strip_front(struct gcode_span text, uint32_t *leading_oks)
{
	struct gcode_ring ring;

	while (text.length > 0) {
		struct gcode_span line = gcode_first_line(text);

		if (gcode_is_ok(line)) {
			(*leading_oks)++;
		} else if (!gcode_is_blank(line) && !gcode_read_ring(line, &ring)) {
			break;
		}
		text = gcode_skip(text, line.length);
	}
	return text;
}

static struct gcode_span gcode_strip_back(struct gcode_span text)
{
	struct gcode_ring ring;

	while (text.length > 0) {
		struct gcode_span line = gcode_last_line(text);

		if (!gcode_is_blank(line) && !gcode_read_ring(line, &ring)) {
			break;
		}
		text.length -= line.length;
	}
	if (text.length > 0 && text.data[text.length - 1] == '\n') {
		text.length--;
	}
	return text;
}

/* Of an answer that its ok follows at once: the ok, and whatever comes behind it, cut or not. */
static struct gcode_span gcode_strip_last_ok(struct gcode_span body)
{
	static const char end[] = "\nok";

	for (size_t i = body.length; i >= sizeof(end) - 1; i--) {
		const size_t start = i - (sizeof(end) - 1);

		if (!memcmp(body.data + start, end, sizeof(end) - 1) &&
		    (i == body.length || body.data[i] == '\n')) {
			body.length = start;
			break;
		}
	}
	return body;
}

/* "ok T:…": the answer stands behind the ok, in the same line. */
static struct gcode_span gcode_strip_first_ok(struct gcode_span body)
{
	const size_t ok_length = sizeof("ok ") - 1;

	if (body.length > ok_length && !memcmp(body.data, "ok ", ok_length)) {
		body = gcode_skip(body, ok_length);
	}
	return body;
}

static bool gcode_ends_in_ok(const char *text, size_t length)
{
	return length >= GCODE_OK_LENGTH &&
	       !memcmp(text + length - GCODE_OK_LENGTH, GCODE_OK, GCODE_OK_LENGTH);
}

static bool gcode_is_temperature(struct gcode_span line)
{
	return line.length > sizeof(GCODE_TEMPERATURE) - 1 && line.data[line.length - 1] == '\n' &&
	       !memcmp(line.data, GCODE_TEMPERATURE, sizeof(GCODE_TEMPERATURE) - 1);
}

/* How the lines of a reply stand to each other. */
struct gcode_shape {
	uint32_t oks;          /* lines that are ok and nothing else */
	bool text;             /* a line that is neither ok, ring nor blank */
	bool ok_after_text;    /* an ok behind such a line … */
	bool ring_before_ok;   /* … with a ring line between them */
	bool ring_after_ok;    /* … or a ring line behind it, without one before */
	bool ring_before_text; /* queued, and answered later */
	bool temperatures;     /* "ok T:…" */
	bool ring;
};

static struct gcode_shape gcode_read_shape(struct gcode_span text)
{
	struct gcode_shape shape = {0};

	while (text.length > 0) {
		struct gcode_span line = gcode_first_line(text);
		struct gcode_ring ring;

		if (gcode_is_ok(line)) {
			shape.oks++;
			shape.ok_after_text = shape.ok_after_text || shape.text;
			shape.ring_before_ok = shape.ring_before_ok || (shape.text && shape.ring);
		} else if (gcode_read_ring(line, &ring)) {
			shape.ring = true;
			shape.ring_after_ok = shape.ring_after_ok ||
					      (shape.ok_after_text && !shape.ring_before_ok);
		} else if (gcode_is_temperature(line)) {
			shape.temperatures = true;
		} else if (!gcode_is_blank(line)) {
			shape.ring_before_text = shape.ring_before_text || shape.ring;
			shape.text = true;
		}
		text = gcode_skip(text, line.length);
	}
	return shape;
}

static bool gcode_is_whole(enum flagship_gcode_class class, const char *text, size_t length)
{
	const struct gcode_shape shape = gcode_read_shape((struct gcode_span){text, length});
	const bool ends = gcode_ends_in_ok(text, length);

	switch (class) {
	case FLAGSHIP_GCODE_AT_ONCE:
		/* One without text is whole where its ring line or another ok shows the end. */
		return shape.ok_after_text || (shape.oks > 0 && shape.ring && !shape.text);
	case FLAGSHIP_GCODE_NOT_AWAITED:
	case FLAGSHIP_GCODE_NOT_AWAITED_EARLY:
		/* As no published firmware sends it, but whole where it comes. */
		return ends && shape.ok_after_text;
	case FLAGSHIP_GCODE_INTERCEPTED:
		return shape.oks > 0;
	case FLAGSHIP_GCODE_TEMPERATURES:
		return shape.temperatures || (ends && shape.text);
	case FLAGSHIP_GCODE_QUEUED_EARLY:
		return ends && (shape.oks > 1 || shape.text || shape.ring);
	default:
		return ends;
	}
}

bool flagship_gcode_reply_fits(enum flagship_gcode_class class, const char *text, size_t length)
{
	const struct gcode_shape shape = gcode_read_shape((struct gcode_span){text, length});

	switch (class) {
	case FLAGSHIP_GCODE_TEMPERATURES:
		return shape.temperatures || !shape.ring;
	case FLAGSHIP_GCODE_AT_ONCE:
		return !shape.temperatures && !shape.ring_before_ok && !shape.ring_before_text;
	case FLAGSHIP_GCODE_INTERCEPTED:
		return !shape.temperatures && !shape.text;
	default:
		return !shape.temperatures && !shape.ring_after_ok;
	}
}

void flagship_gcode_reply_parse(enum flagship_gcode_class class, const char *text, size_t length,
				int64_t reported_length, struct flagship_gcode_reply *reply)
{
	struct gcode_span body = {text, length};

	memset(reply, 0, sizeof(*reply));
	reply->complete = gcode_is_whole(class, text, length);
	reply->cut_at_limit = length >= GCODE_REPLY_LIMIT;
	reply->length_matches = reported_length < 0 || (uint64_t)reported_length == length;
	gcode_find_ring(body, reply);
	if (length > 0 && gcode_is_ok(gcode_last_line(body))) {
		body.length -= GCODE_OK_LENGTH;
	}
	body = gcode_strip_front(body, &reply->leading_oks);
	body = gcode_strip_back(body);
	if (class == FLAGSHIP_GCODE_AT_ONCE) {
		body = gcode_strip_last_ok(body);
	} else if (class == FLAGSHIP_GCODE_TEMPERATURES) {
		body = gcode_strip_first_ok(body);
	}
	reply->body_offset = (size_t)(body.data - text);
	reply->body_length = body.length;
}

#define GCODE_NUMBER_LIMIT 100000
#define TEMPERATURES       105

enum gcode_models {
	ON_BOTH,
	ON_M5,
	ON_M5C,
};

/* The tests of the motion board, in its order (protocol.md 7.2). */
enum gcode_list {
	LIST_INTERCEPTED,
	LIST_AT_ONCE,
	LIST_EARLY,
	LIST_NOT_AWAITED, /* looked up behind G and M alike */
	LISTS,
};

struct gcode_number {
	enum gcode_list list;
	uint16_t number;
	enum gcode_models models;
};

static const struct gcode_number numbers[] = {
	{LIST_INTERCEPTED, 2021, ON_BOTH}, {LIST_INTERCEPTED, 2022, ON_BOTH},
	{LIST_INTERCEPTED, 2023, ON_BOTH}, {LIST_INTERCEPTED, 2024, ON_BOTH},
	{LIST_INTERCEPTED, 2025, ON_M5},   {LIST_AT_ONCE, 114, ON_BOTH},
	{LIST_AT_ONCE, 115, ON_BOTH},      {LIST_AT_ONCE, 116, ON_BOTH},
	{LIST_AT_ONCE, 155, ON_BOTH},      {LIST_AT_ONCE, 290, ON_BOTH},
	{LIST_AT_ONCE, 420, ON_BOTH},      {LIST_AT_ONCE, 3003, ON_BOTH},
	{LIST_AT_ONCE, 3012, ON_M5C},      {LIST_AT_ONCE, 3034, ON_M5},
	{LIST_EARLY, 104, ON_BOTH},        {LIST_EARLY, 106, ON_BOTH},
	{LIST_EARLY, 107, ON_BOTH},        {LIST_EARLY, 140, ON_BOTH},
	{LIST_EARLY, 204, ON_BOTH},        {LIST_EARLY, 205, ON_BOTH},
	{LIST_EARLY, 220, ON_BOTH},        {LIST_EARLY, 221, ON_BOTH},
	{LIST_EARLY, 900, ON_BOTH},        {LIST_EARLY, 4897, ON_M5C},
	{LIST_NOT_AWAITED, 0, ON_BOTH},    {LIST_NOT_AWAITED, 1, ON_BOTH},
	{LIST_NOT_AWAITED, 2, ON_M5C},     {LIST_NOT_AWAITED, 3, ON_M5C},
	{LIST_NOT_AWAITED, 90, ON_BOTH},   {LIST_NOT_AWAITED, 91, ON_BOTH},
	{LIST_NOT_AWAITED, 92, ON_BOTH},   {LIST_NOT_AWAITED, 104, ON_BOTH},
	{LIST_NOT_AWAITED, 204, ON_BOTH},  {LIST_NOT_AWAITED, 205, ON_BOTH},
	{LIST_NOT_AWAITED, 220, ON_BOTH},  {LIST_NOT_AWAITED, 221, ON_BOTH},
	{LIST_NOT_AWAITED, 900, ON_BOTH},
};

static bool is_listed(enum gcode_list list, uint32_t number, enum flagship_model model)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const struct gcode_number *entry = &numbers[i];
		bool has = !(entry->models == ON_M5 && model == FLAGSHIP_MODEL_M5C) &&
			   !(entry->models == ON_M5C && model == FLAGSHIP_MODEL_M5);

		if (entry->list == list && entry->number == number && has) {
			return true;
		}
	}
	return false;
}

/* "m 0104 S3": letter and number. 0 where it begins with neither G nor M. */
static char read_word(const char *line, size_t length, uint32_t *number)
{
	size_t at = 0;

	*number = 0;
	while (at < length && line[at] == ' ') {
		at++;
	}
	if (at == length || (!strchr("GgMm", line[at]) || line[at] == '\0')) {
		return '\0';
	}
	char letter = line[at] == 'G' || line[at] == 'g' ? 'G' : 'M';
	for (at++; at < length && line[at] >= '0' && line[at] <= '9'; at++) {
		if (*number < GCODE_NUMBER_LIMIT) {
			*number = *number * GCODE_DECIMAL_BASE + (uint32_t)(line[at] - '0');
		}
	}
	return letter;
}

enum flagship_gcode_class flagship_gcode_class_of(const char *line, size_t length,
						  enum flagship_model model)
{
	uint32_t number;

	if (length > 0 && line[0] == '^') {
		return FLAGSHIP_GCODE_AT_ONCE;
	}
	char letter = read_word(line, length, &number);
	if (letter == 'M' && number == TEMPERATURES) {
		return FLAGSHIP_GCODE_TEMPERATURES;
	}
	if (letter == 'M' && is_listed(LIST_INTERCEPTED, number, model)) {
		return FLAGSHIP_GCODE_INTERCEPTED;
	}
	if (letter == 'M' && is_listed(LIST_AT_ONCE, number, model)) {
		return FLAGSHIP_GCODE_AT_ONCE;
	}
	bool early = letter == 'M' && is_listed(LIST_EARLY, number, model);
	if (letter != '\0' && is_listed(LIST_NOT_AWAITED, number, model)) {
		return early ? FLAGSHIP_GCODE_NOT_AWAITED_EARLY : FLAGSHIP_GCODE_NOT_AWAITED;
	}
	return early ? FLAGSHIP_GCODE_QUEUED_EARLY : FLAGSHIP_GCODE_QUEUED;
}
