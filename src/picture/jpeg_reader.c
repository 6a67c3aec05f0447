/* SPDX-License-Identifier: MIT */
#include "picture/jpeg_reader.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include <jerror.h>

#define COLOURS     3
#define SCALE_MAX   8 /* of the library */
#define SHIFT       8 /* of the factors below */
#define HALF        (1 << (SHIFT - 1))
#define LUMA_BLACK  16
#define COLOUR_ZERO 128
#define QUAD        4 /* samples that share a colour */

struct jpeg_reader {
	struct jpeg_decompress_struct library;
	struct jpeg_error_mgr errors;
	jmp_buf failed; /* the library's errors come by it */
	bool is_cut;    /* it made up what was missing */
	uint8_t *rows;  /* two of red, green, blue */
	uint8_t *planes;
	size_t rows_size;
	size_t planes_size;
};

static void on_reader_error(j_common_ptr library)
{
	struct jpeg_reader *reader = library->client_data;

	longjmp(reader->failed, 1);
}

static void on_reader_warning(j_common_ptr library, int level)
{
	struct jpeg_reader *reader = library->client_data;

	/* Bytes too many, which some cameras put between segments, take nothing away. */
	if (level < 0 && library->err->msg_code != JWRN_EXTRANEOUS_DATA) {
		reader->is_cut = true;
	}
}

static bool open_decompressor(struct jpeg_reader *reader)
{
	reader->library.err = jpeg_std_error(&reader->errors);
	reader->library.client_data = reader;
	reader->errors.error_exit = on_reader_error;
	reader->errors.emit_message = on_reader_warning;
	if (setjmp(reader->failed)) {
		return false;
	}
	jpeg_create_decompress(&reader->library);
	return true;
}

struct jpeg_reader *jpeg_reader_create(void)
{
	struct jpeg_reader *reader = calloc(1, sizeof(*reader));

	if (reader && !open_decompressor(reader)) {
		free(reader);
		return NULL;
	}
	return reader;
}

static bool make_room(uint8_t **room, size_t *size, size_t wanted)
{
	if (wanted > *size) {
		free(*room);
		*room = malloc(wanted);
		*size = *room ? wanted : 0;
	}
	return *room != NULL;
}

/* Halves it until it fits; false where it does not. */
static bool choose_size(struct jpeg_decompress_struct *library)
{
	library->out_color_space = JCS_RGB;
	library->scale_num = 1;
	for (library->scale_denom = 1; library->scale_denom <= SCALE_MAX;
	     library->scale_denom *= 2) {
		jpeg_calc_output_dimensions(library);
		if (library->output_width <= JPEG_READER_SIDE_MAX &&
		    library->output_height <= JPEG_READER_SIDE_MAX) {
			return library->output_width >= JPEG_READER_SIDE_MIN &&
			       library->output_height >= JPEG_READER_SIDE_MIN;
		}
	}
	return false;
}

static uint8_t to_luma(const uint8_t *rgb)
{
	return (uint8_t)(((66 * rgb[0] + 129 * rgb[1] + 25 * rgb[2] + HALF) >> SHIFT) + LUMA_BLACK);
}

/* Of the sums of four. */
static uint8_t to_blue(const int sums[COLOURS])
{
	return (uint8_t)((-38 * sums[0] - 74 * sums[1] + 112 * sums[2]) / (QUAD << SHIFT) +
			 COLOUR_ZERO);
}

static uint8_t to_red(const int sums[COLOURS])
{
	return (uint8_t)((112 * sums[0] - 94 * sums[1] - 18 * sums[2]) / (QUAD << SHIFT) +
			 COLOUR_ZERO);
}

/* What two rows are, at this place of each plane. */
static void convert_rows(const uint8_t *upper, const uint8_t *lower, size_t width,
			 uint8_t *const at[DECODER_PLANES])
{
	for (size_t x = 0; x < width; x += 2) {
		const uint8_t *quad[QUAD] = {upper + COLOURS * x, upper + COLOURS * (x + 1),
					     lower + COLOURS * x, lower + COLOURS * (x + 1)};
		int sums[COLOURS] = {0};

		for (size_t i = 0; i < QUAD; i++) {
			at[0][i / 2 * width + x + i % 2] = to_luma(quad[i]);
			for (size_t c = 0; c < COLOURS; c++) {
				sums[c] += quad[i][c];
			}
		}
		at[1][x / 2] = to_blue(sums);
		at[2][x / 2] = to_red(sums);
	}
}

static void point_planes(uint8_t *planes, size_t width, size_t height, size_t row,
			 uint8_t *at[DECODER_PLANES])
{
	at[0] = planes + row * width;
	at[1] = planes + width * height + row / 2 * (width / 2);
	at[2] = at[1] + (width / 2) * (height / 2);
}

/* Errors come by way of the library, too. */
static bool decompress(struct jpeg_reader *reader, struct decoded_picture *picture)
{
	struct jpeg_decompress_struct *library = &reader->library;

	if (jpeg_read_header(library, TRUE) != JPEG_HEADER_OK || !choose_size(library)) {
		return false;
	}
	size_t width = library->output_width & ~1U;
	size_t height = library->output_height & ~1U;
	size_t row_size = COLOURS * (size_t)library->output_width;

	if (!make_room(&reader->rows, &reader->rows_size, 2 * row_size) ||
	    !make_room(&reader->planes, &reader->planes_size, width * height * 3 / 2)) {
		return false;
	}
	jpeg_start_decompress(library);
	for (size_t row = 0; row < height; row += 2) {
		JSAMPROW lines[] = {reader->rows, reader->rows + row_size};
		uint8_t *at[DECODER_PLANES];

		while (library->output_scanline < row + 2) {
			jpeg_read_scanlines(library, &lines[library->output_scanline - row], 1);
		}
		point_planes(reader->planes, width, height, row, at);
		convert_rows(lines[0], lines[1], width, at);
	}
	uint8_t *at[DECODER_PLANES];
	point_planes(reader->planes, width, height, 0, at);
	*picture = (struct decoded_picture){.width = (uint32_t)width,
					    .height = (uint32_t)height,
					    .planes = {at[0], at[1], at[2]},
					    .strides = {width, width / 2, width / 2}};
	return true;
}

static bool try_to_read(struct jpeg_reader *reader, const uint8_t *jpeg, size_t length,
			struct decoded_picture *picture)
{
	if (setjmp(reader->failed)) {
		return false;
	}
	jpeg_mem_src(&reader->library, jpeg, length);
	return decompress(reader, picture);
}

bool jpeg_read(struct jpeg_reader *reader, const uint8_t *jpeg, size_t length,
	       struct decoded_picture *picture)
{
	if (length == 0) {
		return false;
	}
	reader->is_cut = false;
	bool good = try_to_read(reader, jpeg, length, picture);
	jpeg_abort_decompress(&reader->library);
	return good && !reader->is_cut;
}

void jpeg_reader_destroy(struct jpeg_reader *reader)
{
	if (reader) {
		jpeg_destroy_decompress(&reader->library);
		free(reader->rows);
		free(reader->planes);
		free(reader);
	}
}
