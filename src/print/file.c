/* SPDX-License-Identifier: MIT */
#include "print/file.h"

#include "base/hex.h"
#include "gcode/header.h"

#include <flagship/error.h>

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#define PIECE_SIZE 65536
#define MD5_LENGTH 16
#define PACKED     ".gz"
#define ARCHIVED   ".acode"

struct print_file {
	gzFile stream; /* reads what is not packed as it is */
	char header[GCODE_HEADER_MAX];
	size_t header_length;
	int64_t position; /* of what the printer gets */
	int64_t size;     /* likewise; -1: not known yet */
	int64_t left;     /* of the G-code in the file */
	char md5[PRINT_FILE_MD5_SIZE];
	struct gcode_metadata metadata;
	struct print_check check;
	char *path;
};

/* --- reading it as it is --- */

static int feed_all(struct print_file *file, FILE *in, struct gcode_reader *reader,
		    struct problem *problem)
{
	char piece[PIECE_SIZE];
	size_t length;

	while ((length = fread(piece, 1, sizeof(piece), in)) > 0) {
		int error = gcode_reader_feed(reader, piece, length, problem);
		if (error) {
			return error;
		}
	}
	if (ferror(in)) {
		return problem_cannot(problem, "read", file->path, errno, "");
	}
	return gcode_reader_end(reader, &file->metadata, problem);
}

static int inspect(struct print_file *file, struct problem *problem)
{
	struct gcode_reader reader;
	FILE *in = fopen(file->path, "rbe");

	if (!in) {
		return problem_cannot(problem, "read", file->path, errno, "");
	}
	gcode_reader_init(&reader);
	reader.on_line = print_check_line;
	reader.context = &file->check;
	int error = feed_all(file, in, &reader, problem);
	gcode_reader_finish(&reader);
	fclose(in);
	if (!error) {
		print_check_end(&file->check, &file->metadata);
		file->header_length = gcode_header_write(&file->metadata, file->header);
	}
	return error;
}

/* --- reading it as the printer gets it --- */

static int fail_reading(const struct print_file *file, struct problem *problem)
{
	int error;
	const char *words = gzerror(file->stream, &error);

	problem_set(problem, "cannot read %s: %s", file->path,
		    error == Z_ERRNO ? strerror(errno) : words);
	return FLAGSHIP_ERROR_STORE;
}

static size_t take_header(const struct print_file *file, char *out, size_t capacity)
{
	if (file->position >= (int64_t)file->header_length) {
		return 0;
	}
	size_t left = file->header_length - (size_t)file->position;
	size_t length = left < capacity ? left : capacity;

	memcpy(out, file->header + file->position, length);
	return length;
}

int print_file_read(struct print_file *file, void *out, size_t capacity, size_t *length,
		    struct problem *problem)
{
	size_t taken = take_header(file, out, capacity);
	size_t wanted = capacity - taken < PIECE_SIZE ? capacity - taken : PIECE_SIZE;

	if (file->metadata.archived && (int64_t)wanted > file->left) {
		wanted = (size_t)file->left;
	}
	int got = gzread(file->stream, (char *)out + taken, (unsigned int)wanted);

	*length = 0;
	if (got < 0) {
		return fail_reading(file, problem);
	}
	taken += (size_t)got;
	file->left -= got;
	file->position += (int64_t)taken;
	if (file->size >= 0 && (file->position > file->size ||
				(taken == 0 && capacity > 0 && file->position < file->size))) {
		problem_set(problem, "%s was changed while it was sent", file->path);
		return FLAGSHIP_ERROR_STORE;
	}
	*length = taken;
	return 0;
}

int print_file_rewind(struct print_file *file, struct problem *problem)
{
	file->position = 0;
	file->left = file->metadata.content_size;
	return gzseek(file->stream, (z_off_t)file->metadata.content_start, SEEK_SET) < 0
		       ? fail_reading(file, problem)
		       : 0;
}

static int digest_all(struct print_file *file, EVP_MD_CTX *context, struct problem *problem)
{
	unsigned char digest[MD5_LENGTH];
	char piece[PIECE_SIZE];
	size_t length;
	bool good = EVP_DigestInit_ex(context, EVP_md5(), NULL) == 1;

	do {
		int error = print_file_read(file, piece, sizeof(piece), &length, problem);
		if (error) {
			return error;
		}
		good = good && EVP_DigestUpdate(context, piece, length) == 1;
	} while (length > 0 && file->position <= PRINT_FILE_SIZE_MAX);
	if (file->position > PRINT_FILE_SIZE_MAX) {
		problem_set(problem,
			    "%s has more than 4 GB: the printer takes no file of that size",
			    file->path);
		return FLAGSHIP_ERROR_TOO_LARGE;
	}
	if (!good || EVP_DigestFinal_ex(context, digest, NULL) != 1) {
		problem_set(problem, "this computer's OpenSSL has no MD5, which the printer wants");
		return FLAGSHIP_ERROR_CRYPTO;
	}
	hex_encode(digest, sizeof(digest), HEX_LOWER, file->md5);
	file->size = file->position;
	return 0;
}

static int measure(struct print_file *file, struct problem *problem)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	file->stream = gzopen(file->path, "rbe");
	if (!context || !file->stream) {
		EVP_MD_CTX_free(context);
		return file->stream ? problem_memory(problem)
				    : problem_cannot(problem, "read", file->path, errno, "");
	}
	int error = print_file_rewind(file, problem);
	if (!error) {
		error = digest_all(file, context, problem);
	}
	EVP_MD_CTX_free(context);
	return error ? error : print_file_rewind(file, problem);
}

/* --- its name --- */

static bool ends_with(const char *text, size_t length, const char *ending)
{
	size_t size = strlen(ending);

	return length > size && strncasecmp(text + length - size, ending, size) == 0;
}

size_t print_file_name(const char *path, char *out, size_t capacity)
{
	const char *slash = strrchr(path, '/');
	const char *last = slash ? slash + 1 : path;
	size_t length = strlen(last);

	if (ends_with(last, length, PACKED)) {
		length -= strlen(PACKED);
	}
	bool archived = ends_with(last, length, ARCHIVED);
	length = length < capacity ? length : capacity - 1;
	memcpy(out, last, length);
	out[length] = '\0';
	if (archived && ends_with(out, length, ARCHIVED)) {
		out[length - strlen(ARCHIVED) + 1] = 'g';
	}
	return length;
}

/* --- all --- */

int print_file_open(const char *path, const struct printer_profile *profile,
		    struct print_file **out, struct problem *problem)
{
	struct print_file *file = calloc(1, sizeof(*file));

	*out = NULL;
	if (file) {
		file->path = strdup(path);
	}
	if (!file || !file->path) {
		print_file_close(file);
		return problem_memory(problem);
	}
	file->size = -1;
	print_check_init(&file->check, profile);
	int error = inspect(file, problem);
	if (!error) {
		error = measure(file, problem);
	}
	if (error) {
		print_file_close(file);
		return error;
	}
	*out = file;
	return 0;
}

const struct print_findings *print_file_findings(const struct print_file *file)
{
	return &file->check.findings;
}

int64_t print_file_size(const struct print_file *file)
{
	return file->size;
}

const char *print_file_md5(const struct print_file *file)
{
	return file->md5;
}

void print_file_close(struct print_file *file)
{
	if (!file) {
		return;
	}
	if (file->stream) {
		gzclose(file->stream);
	}
	free(file->path);
	free(file);
}
