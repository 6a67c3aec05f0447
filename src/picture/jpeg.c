/* SPDX-License-Identifier: MIT */
#include "picture/jpeg.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#define LUMA_BLACK  16 /* what a camera calls black and white; a JPEG has 0 and 255 */
#define LUMA_RANGE  219
#define COLOUR_ZERO 128
#define COLOUR_SPAN 224
#define FULL        255
#define STRIPE      16 /* rows of luma that the library takes at once */
#define STRIPE_HALF (STRIPE / 2)
#define OUT_START   ((size_t)64 * 1024)

struct jpeg_writer {
	struct jpeg_compress_struct library;
	struct jpeg_destination_mgr destination;
	struct jpeg_error_mgr errors;
	jmp_buf failed; /* the library's errors come by it */
	int quality;
	uint8_t *out;
	size_t capacity;
	uint8_t luma[FULL + 1]; /* of a camera's sample the JPEG's */
	uint8_t colour[FULL + 1];
	uint8_t *rows; /* of a stripe, as wide as blocks need them */
	size_t rows_size;
};

static void on_error(j_common_ptr library)
{
	struct jpeg_writer *writer = library->client_data;

	longjmp(writer->failed, 1);
}

static void on_message(j_common_ptr library)
{
	(void)library;
}

static void begin_output(j_compress_ptr library)
{
	struct jpeg_writer *writer = library->client_data;

	writer->destination.next_output_byte = writer->out;
	writer->destination.free_in_buffer = writer->capacity;
}

/* It is full. */
static boolean grow_output(j_compress_ptr library)
{
	struct jpeg_writer *writer = library->client_data;
	size_t used = writer->capacity;
	uint8_t *larger = realloc(writer->out, 2 * used);

	if (!larger) {
		longjmp(writer->failed, 1);
	}
	writer->out = larger;
	writer->capacity = 2 * used;
	writer->destination.next_output_byte = larger + used;
	writer->destination.free_in_buffer = used;
	return TRUE;
}

static void end_output(j_compress_ptr library)
{
	(void)library;
}

static bool open_library(struct jpeg_writer *writer)
{
	writer->library.err = jpeg_std_error(&writer->errors);
	writer->library.client_data = writer;
	writer->errors.error_exit = on_error;
	writer->errors.output_message = on_message;
	if (setjmp(writer->failed)) {
		return false;
	}
	jpeg_create_compress(&writer->library);
	writer->library.dest = &writer->destination;
	writer->destination.init_destination = begin_output;
	writer->destination.empty_output_buffer = grow_output;
	writer->destination.term_destination = end_output;
	return true;
}

static uint8_t within(int sample)
{
	return (uint8_t)(sample < 0 ? 0 : sample > FULL ? FULL : sample);
}

static void make_tables(struct jpeg_writer *writer)
{
	for (int i = 0; i <= FULL; i++) {
		writer->luma[i] = within((i - LUMA_BLACK) * FULL / LUMA_RANGE);
		writer->colour[i] = within((i - COLOUR_ZERO) * FULL / COLOUR_SPAN + COLOUR_ZERO);
	}
}

struct jpeg_writer *jpeg_writer_create(int quality)
{
	struct jpeg_writer *writer = calloc(1, sizeof(*writer));

	if (writer && !open_library(writer)) {
		free(writer);
		return NULL;
	}
	if (writer) {
		writer->quality = quality;
		make_tables(writer);
	}
	return writer;
}

static void set_up(struct jpeg_writer *writer, const struct decoded_picture *picture)
{
	struct jpeg_compress_struct *library = &writer->library;

	library->image_width = picture->width;
	library->image_height = picture->height;
	library->input_components = DECODER_PLANES;
	library->in_color_space = JCS_YCbCr;
	jpeg_set_defaults(library);
	jpeg_set_quality(library, writer->quality, TRUE);
	library->raw_data_in = TRUE; /* half as many samples of colour, as they come */
	library->dct_method = JDCT_IFAST;
}

/* Filled up to whole blocks by its last sample. */
static void copy_row(uint8_t *out, size_t padded, const uint8_t *from, size_t width,
		     const uint8_t table[FULL + 1])
{
	for (size_t i = 0; i < width; i++) {
		out[i] = table[from[i]];
	}
	memset(out + width, out[width - 1], padded - width);
}

static bool make_rows(struct jpeg_writer *writer, size_t padded)
{
	size_t size = padded * STRIPE + 2 * (padded / 2) * STRIPE_HALF;

	if (size > writer->rows_size) {
		free(writer->rows);
		writer->rows = malloc(size);
		writer->rows_size = writer->rows ? size : 0;
	}
	return writer->rows != NULL;
}

static bool make_output(struct jpeg_writer *writer)
{
	if (!writer->out) {
		writer->out = malloc(OUT_START);
		writer->capacity = writer->out ? OUT_START : 0;
	}
	return writer->out != NULL;
}

/* The 16 luma rows from `row`, and what belongs to them. */
static void write_stripe(struct jpeg_writer *writer, const struct decoded_picture *picture,
			 size_t row, size_t padded)
{
	JSAMPROW rows[DECODER_PLANES][STRIPE];
	JSAMPARRAY planes[DECODER_PLANES] = {rows[0], rows[1], rows[2]};
	uint8_t *at = writer->rows;

	for (size_t plane = 0; plane < DECODER_PLANES; plane++) {
		size_t part = plane == 0 ? 1 : 2;
		size_t width = (picture->width + part - 1) / part;
		size_t height = (picture->height + part - 1) / part;

		for (size_t i = 0; i < STRIPE / part; i++) {
			/* Below the last row that again. */
			size_t line = row / part + i < height ? row / part + i : height - 1;

			rows[plane][i] = at;
			copy_row(at, padded / part,
				 picture->planes[plane] + line * picture->strides[plane], width,
				 plane == 0 ? writer->luma : writer->colour);
			at += padded / part;
		}
	}
	jpeg_write_raw_data(&writer->library, planes, STRIPE);
}

/* Errors: false, by way of the library. */
static bool compress(struct jpeg_writer *writer, const struct decoded_picture *picture)
{
	const size_t padded = (picture->width + STRIPE - 1) / STRIPE * STRIPE;

	if (!make_rows(writer, padded)) {
		return false;
	}
	if (setjmp(writer->failed)) {
		jpeg_abort_compress(&writer->library);
		return false;
	}
	set_up(writer, picture);
	jpeg_start_compress(&writer->library, TRUE);
	while (writer->library.next_scanline < picture->height) {
		write_stripe(writer, picture, writer->library.next_scanline, padded);
	}
	jpeg_finish_compress(&writer->library);
	return true;
}

size_t jpeg_write(struct jpeg_writer *writer, const struct decoded_picture *picture,
		  const uint8_t **out)
{
	if (!make_output(writer) || !compress(writer, picture)) {
		return 0;
	}
	*out = writer->out;
	return writer->capacity - writer->destination.free_in_buffer;
}

void jpeg_writer_destroy(struct jpeg_writer *writer)
{
	if (writer) {
		jpeg_destroy_compress(&writer->library);
		free(writer->out);
		free(writer->rows);
		free(writer);
	}
}
