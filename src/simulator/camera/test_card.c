/* SPDX-License-Identifier: MIT */
#include "simulator/camera/test_card.h"

#include "simulator/camera/bit_writer.h"

#include <assert.h>
#include <string.h>

/* --- what is on it --- */

enum colour {
	COLOUR_BLACK,
	COLOUR_WHITE,
	COLOUR_GREY,
	COLOUR_YELLOW,
	COLOUR_CYAN,
	COLOUR_GREEN,
	COLOUR_MAGENTA,
	COLOUR_RED,
	COLOUR_BLUE,
	COLOUR_COUNT,
	COLOUR_LIT = 16, /* added where the light is on */
};

struct samples {
	uint8_t luma;
	uint8_t blue;
	uint8_t red;
};

/* The bars of a test card at three quarters, as of BT.601. */
static const struct samples palette[COLOUR_COUNT] = {
	[COLOUR_BLACK] = {16, 128, 128},   [COLOUR_WHITE] = {235, 128, 128},
	[COLOUR_GREY] = {90, 128, 128},    [COLOUR_YELLOW] = {162, 44, 142},
	[COLOUR_CYAN] = {131, 156, 44},    [COLOUR_GREEN] = {112, 72, 58},
	[COLOUR_MAGENTA] = {84, 184, 198}, [COLOUR_RED] = {65, 100, 212},
	[COLOUR_BLUE] = {35, 212, 114},
};

#define LIGHT 20 /* what it adds to luma; white stays */

static struct samples samples_of(uint8_t colour)
{
	bool is_lit = colour >= COLOUR_LIT;
	uint8_t bar = is_lit ? colour - COLOUR_LIT : colour;

	assert(bar < COLOUR_COUNT);
	struct samples samples = palette[bar];
	if (is_lit && bar != COLOUR_WHITE) {
		samples.luma = (uint8_t)(samples.luma + LIGHT);
	}
	return samples;
}

#define BARS         7
#define GLYPH_WIDTH  4 /* of them one is free */
#define GLYPH_HEIGHT 5
#define CLOCK_LENGTH 10 /* "hh:mm:ss.t" */

/* Rows of three dots, from the highest bit. */
static const uint8_t glyphs[][GLYPH_HEIGHT] = {
	{7, 5, 5, 5, 7}, {2, 6, 2, 2, 7}, {7, 1, 7, 4, 7}, {7, 1, 7, 1, 7},
	{5, 5, 7, 1, 1}, {7, 4, 7, 1, 7}, {7, 4, 7, 5, 7}, {7, 1, 1, 1, 1},
	{7, 5, 7, 5, 7}, {7, 5, 7, 1, 7}, {0, 2, 0, 2, 0}, {0, 0, 0, 0, 2},
};

enum {
	GLYPH_COLON = 10,
	GLYPH_POINT,
};

static void write_clock(int64_t unix_ms, uint8_t out[CLOCK_LENGTH])
{
	const int64_t day_ms = 86400000;
	int64_t tenths = (unix_ms % day_ms + day_ms) % day_ms / 100;
	const int64_t seconds = tenths / 10;
	const int64_t parts[] = {seconds / 3600, seconds / 60 % 60, seconds % 60};
	size_t at = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		out[at++] = (uint8_t)(parts[i] / 10);
		out[at++] = (uint8_t)(parts[i] % 10);
		out[at++] = i < 2 ? GLYPH_COLON : GLYPH_POINT;
	}
	out[at] = (uint8_t)(tenths % 10);
}

static void draw_glyph(uint8_t *corner, unsigned int columns, const uint8_t glyph[GLYPH_HEIGHT])
{
	for (unsigned int row = 0; row < GLYPH_HEIGHT; row++) {
		for (unsigned int column = 0; column < GLYPH_WIDTH - 1; column++) {
			if (glyph[row] >> (GLYPH_WIDTH - 2 - column) & 1) {
				corner[row * columns + column] = COLOUR_WHITE;
			}
		}
	}
}

static void draw(const struct test_card *card, int64_t unix_ms, uint8_t *colours)
{
	const unsigned int columns = card->columns;
	const unsigned int bars_rows = card->rows / 3;
	const unsigned int left = (columns - CLOCK_LENGTH * GLYPH_WIDTH) / 2;
	uint8_t clock[CLOCK_LENGTH];

	memset(colours, COLOUR_BLACK, (size_t)columns * card->rows);
	for (unsigned int row = 0; row < bars_rows; row++) {
		for (unsigned int column = 0; column < columns; column++) {
			colours[row * columns + column] = (uint8_t)(COLOUR_GREY +
								    column * BARS / columns);
		}
	}
	write_clock(unix_ms, clock);
	for (unsigned int i = 0; i < CLOCK_LENGTH; i++) {
		draw_glyph(colours + (card->rows / 2) * columns + left + i * GLYPH_WIDTH, columns,
			   glyphs[clock[i]]);
	}
	uint8_t *bits = colours + (card->rows - 2) * columns + TEST_CARD_BITS_COLUMN;
	for (unsigned int i = 0; i < TEST_CARD_BITS; i++) {
		if ((uint64_t)unix_ms >> (TEST_CARD_BITS - 1 - i) & 1) {
			bits[i] = COLOUR_WHITE;
		}
	}
}

/* --- how it is written --- */

#define PROFILE_BASELINE 66
#define CONSTRAINED      0xc0
#define LEVEL            31

#define NAL_SEQUENCE     0x67
#define NAL_PICTURE      0x68
#define NAL_KEY          0x65
#define NAL_OTHER        0x41

#define SLICE_PREDICTED  5 /* and so is all of the picture */
#define SLICE_INTRA      7
#define FRAME_NUMBERS    16
#define FRAME_BITS       4
#define KEY_NUMBERS      2 /* two key pictures in a row have different ones */

/* Kinds of blocks in an intra slice; in a predicted one they come after five others. */
#define BLOCK_FROM_ABOVE  1
#define BLOCK_FROM_LEFT   2
#define BLOCK_SAMPLES     25
#define PREDICTED_OFFSET  5
#define CHROMA_FROM_LEFT  1
#define CHROMA_FROM_ABOVE 2
#define LUMA_SAMPLES      256
#define CHROMA_SAMPLES    64
#define BYTE_BITS         8

static void write_sets(const struct test_card *card, struct bit_writer *writer)
{
	bit_writer_begin_nal(writer, NAL_SEQUENCE);
	bit_writer_put(writer, PROFILE_BASELINE, BYTE_BITS);
	bit_writer_put(writer, CONSTRAINED, BYTE_BITS);
	bit_writer_put(writer, LEVEL, BYTE_BITS);
	bit_writer_put_unsigned(writer, 0); /* its number */
	bit_writer_put_unsigned(writer, 0); /* frame numbers of four bits */
	bit_writer_put_unsigned(writer, 2); /* shown in the order of decoding */
	bit_writer_put_unsigned(writer, 1); /* one picture is referred to */
	bit_writer_put(writer, 0, 1);
	bit_writer_put_unsigned(writer, card->columns - 1);
	bit_writer_put_unsigned(writer, card->rows - 1);
	bit_writer_put(writer, 3, 2); /* whole frames; direct prediction of 8×8 */
	bit_writer_put(writer, 0, 2); /* nothing cropped, nothing more */
	bit_writer_end_nal(writer);

	bit_writer_begin_nal(writer, NAL_PICTURE);
	bit_writer_put_unsigned(writer, 0);
	bit_writer_put_unsigned(writer, 0);
	bit_writer_put(writer, 0, 2);       /* CAVLC */
	bit_writer_put_unsigned(writer, 0); /* one group of slices */
	bit_writer_put_unsigned(writer, 0);
	bit_writer_put_unsigned(writer, 0);
	bit_writer_put(writer, 0, 3); /* no weights */
	bit_writer_put_signed(writer, 0);
	bit_writer_put_signed(writer, 0);
	bit_writer_put_signed(writer, 0);
	bit_writer_put(writer, 4, 3); /* slices say whether they are deblocked */
	bit_writer_end_nal(writer);
}

static void write_slice_header(const struct test_card *card, struct bit_writer *writer, bool key)
{
	bit_writer_begin_nal(writer, key ? NAL_KEY : NAL_OTHER);
	bit_writer_put_unsigned(writer, 0); /* from the first block */
	bit_writer_put_unsigned(writer, key ? SLICE_INTRA : SLICE_PREDICTED);
	bit_writer_put_unsigned(writer, 0);
	bit_writer_put(writer, card->frame_number, FRAME_BITS);
	if (key) {
		bit_writer_put_unsigned(writer, card->key_count % KEY_NUMBERS);
	} else {
		bit_writer_put(writer, 0, 2); /* references as they are */
	}
	bit_writer_put(writer, 0, key ? 2 : 1); /* nothing is marked */
	bit_writer_put_signed(writer, 0);
	bit_writer_put_unsigned(writer, 1); /* no deblocking */
}

static void write_samples(struct bit_writer *writer, uint8_t colour, uint32_t kind_offset)
{
	const struct samples samples = samples_of(colour);

	bit_writer_put_unsigned(writer, kind_offset + BLOCK_SAMPLES);
	bit_writer_align(writer);
	for (size_t i = 0; i < LUMA_SAMPLES; i++) {
		bit_writer_put(writer, samples.luma, BYTE_BITS);
	}
	for (size_t i = 0; i < CHROMA_SAMPLES; i++) {
		bit_writer_put(writer, samples.blue, BYTE_BITS);
	}
	for (size_t i = 0; i < CHROMA_SAMPLES; i++) {
		bit_writer_put(writer, samples.red, BYTE_BITS);
	}
}

/* That no coefficient follows is written by how many the neighbours have: as samples, all. */
static void write_no_coefficients(struct bit_writer *writer, unsigned int neighbours,
				  unsigned int of_samples)
{
	const unsigned int count = of_samples * 16 / (neighbours ? neighbours : 1);

	if (count >= 8) {
		bit_writer_put(writer, 3, 6);
	} else {
		bit_writer_put(writer, 1, 1);
	}
}

/* A picture while it is written: which blocks are there as samples. */
struct coded {
	const struct test_card *card;
	const uint8_t *colours;
	uint8_t as_samples[TEST_CARD_COLUMNS_MAX * TEST_CARD_ROWS_MAX];
};

/* Flat as one of its neighbours is, it is predicted from there. */
static void write_block(struct bit_writer *writer, struct coded *coded, unsigned int at,
			uint32_t kind_offset)
{
	const unsigned int columns = coded->card->columns;
	assert(columns > 0);
	const bool has_left = at % columns != 0;
	const bool has_above = at >= columns;
	const uint8_t colour = coded->colours[at];
	bool from_above = has_above && coded->colours[at - columns] == colour;
	bool from_left = has_left && coded->colours[at - 1] == colour;

	coded->as_samples[at] = !from_above && !from_left;
	if (coded->as_samples[at]) {
		write_samples(writer, colour, kind_offset);
		return;
	}
	bit_writer_put_unsigned(writer,
				kind_offset + (from_above ? BLOCK_FROM_ABOVE : BLOCK_FROM_LEFT));
	bit_writer_put_unsigned(writer, from_above ? CHROMA_FROM_ABOVE : CHROMA_FROM_LEFT);
	bit_writer_put_signed(writer, 0);
	write_no_coefficients(writer, (unsigned int)has_left + (unsigned int)has_above,
			      (has_left ? coded->as_samples[at - 1] : 0U) +
				      (has_above ? coded->as_samples[at - columns] : 0U));
}

static void write_key(struct bit_writer *writer, struct coded *coded)
{
	const unsigned int count = coded->card->columns * coded->card->rows;

	for (unsigned int at = 0; at < count; at++) {
		write_block(writer, coded, at, 0);
	}
}

static void write_changes(struct bit_writer *writer, struct coded *coded, const uint8_t *before)
{
	const unsigned int count = coded->card->columns * coded->card->rows;
	uint32_t skipped = 0;

	for (unsigned int at = 0; at < count; at++) {
		if (coded->colours[at] == before[at]) {
			skipped++;
			continue;
		}
		bit_writer_put_unsigned(writer, skipped);
		skipped = 0;
		write_block(writer, coded, at, PREDICTED_OFFSET);
	}
	if (skipped > 0) {
		bit_writer_put_unsigned(writer, skipped);
	}
}

void test_card_init(struct test_card *card, unsigned int columns, unsigned int rows)
{
	assert(columns >= TEST_CARD_COLUMNS_SD && columns <= TEST_CARD_COLUMNS_MAX);
	assert(rows >= TEST_CARD_ROWS_SD && rows <= TEST_CARD_ROWS_MAX);
	*card = (struct test_card){.columns = columns, .rows = rows};
}

size_t test_card_write(struct test_card *card, int64_t unix_ms, bool lit, bool key, uint8_t *out,
		       size_t capacity)
{
	const size_t count = (size_t)card->columns * card->rows;
	uint8_t colours[sizeof(card->shown)];
	struct coded coded = {.card = card, .colours = colours};
	struct bit_writer writer;

	bit_writer_init(&writer, out, capacity);
	draw(card, unix_ms, colours);
	for (size_t i = 0; lit && i < count; i++) {
		colours[i] = (uint8_t)(colours[i] + COLOUR_LIT);
	}
	key = key || !card->begun;
	card->frame_number = key ? 0 : (card->frame_number + 1) % FRAME_NUMBERS;
	card->begun = true;
	if (key) {
		card->key_count++;
		write_sets(card, &writer);
	}
	write_slice_header(card, &writer, key);
	if (key) {
		write_key(&writer, &coded);
	} else {
		write_changes(&writer, &coded, card->shown);
	}
	bit_writer_end_nal(&writer);
	memcpy(card->shown, colours, count);
	return writer.length;
}
