/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_PRINTER_UPLOAD_H
#define SIMULATOR_PRINTER_UPLOAD_H

#include "simulator/printer/fault_plan.h"

#include <flagship/pppp_frame.h>

#include <openssl/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UPLOAD_NAME_MAX  129
#define UPLOAD_MD5_MAX   33
#define UPLOAD_PIECE_MAX (128u * 1024)
#define UPLOAD_HEAD_MAX  (64u * 1024) /* of a file: what is looked through for its header lines */

/* A whole file that came. */
struct uploaded_file {
	const char *name;
	int64_t size;
	int64_t print_s; /* ;TIME: of its header lines; 0 where it says nothing */
	int64_t layers;  /* ;LAYER_COUNT: */
};

struct upload_output {
	/* Bytes of a stream, whole frames. */
	void (*reply)(void *context, uint8_t channel, const uint8_t *data, size_t length);
	/* Whether the printer is at something else. */
	bool (*busy)(void *context);
	/* A file begins to come. */
	void (*begun)(void *context, const char *name);
	/* A file is whole, and to be printed. False where it is not taken. */
	bool (*uploaded)(void *context, const struct uploaded_file *file);
	/* By the fault lan-crash: in the middle of a file. */
	void (*crashed)(void *context);
	void *context;
};

/* The printer's side of an upload: bytes of the two streams in, answers out. No I/O. */
struct upload {
	const struct fault_plan *plan;
	struct upload_output output;
	struct flagship_xzyh_reader commands;
	struct flagship_aabb_reader frames;
	EVP_MD_CTX *md5; /* NULL while no file is coming */
	char name[UPLOAD_NAME_MAX];
	char expected[UPLOAD_MD5_MAX];
	int64_t size;
	int64_t received;
	size_t head_length;
	size_t piece_length;
	char head[UPLOAD_HEAD_MAX + 1];
	uint8_t piece[UPLOAD_PIECE_MAX + 1];
};

void upload_init(struct upload *upload, const struct fault_plan *plan,
		 const struct upload_output *output);
void upload_finish(struct upload *upload);
void upload_take(struct upload *upload, uint8_t channel, const uint8_t *data, size_t length);

/* The number behind such a header line; 0 where there is none. text ends with a NUL. */
int64_t upload_header_number(const char *text, const char *key);

#endif
