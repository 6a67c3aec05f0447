/* SPDX-License-Identifier: MIT */
#include "gcode/kind.h"

#include "base/bytes.h"

#include <flagship/error.h>

#include <string.h>

#define STL_COUNT_OFFSET  80
#define STL_HEAD_SIZE     84
#define STL_TRIANGLE_SIZE 50

struct magic {
	size_t offset;
	size_t length;
	const char *bytes;
	const char *words;
};

#define MAGIC(offset, bytes, words)                     \
	{                                               \
		offset, sizeof(bytes) - 1, bytes, words \
	}
#define EXPORT    "export plain G-code"
#define STL_WORDS "this is an STL, a model that is not sliced: slice it and " EXPORT

static const struct magic magics[] = {
	MAGIC(0, "GCDE",
	      "this is binary G-code (.bgcode), which the printer cannot read: switch \"Supports "
	      "binary "
	      "G-code\" off in the slicer's printer settings and " EXPORT),
	MAGIC(0, "PK\3\4", "this is a 3MF project or another zip: slice it and " EXPORT),
	MAGIC(0, "PK\5\6", "this is an empty zip: slice the model and " EXPORT),
	MAGIC(0, "solid ", STL_WORDS),
	MAGIC(0, "\x89PNG", "this is a picture: upload the G-code instead"),
	MAGIC(0, "\xff\xd8\xff", "this is a picture: upload the G-code instead"),
	MAGIC(0, "%PDF", "this is a PDF: upload the G-code instead"),
	MAGIC(0, "7z\xbc\xaf\x27\x1c", "this is packed by 7-Zip: unpack it and upload the G-code"),
	MAGIC(0, "BZh", "this is packed by bzip2: unpack it and upload the G-code"),
	MAGIC(0, "\xfd\x37zXZ", "this is packed by xz: unpack it and upload the G-code"),
	MAGIC(0, "\x28\xb5\x2f\xfd", "this is packed by zstd: unpack it and upload the G-code"),
	MAGIC(0, "\xff\xfe",
	      "this text is UTF-16, which the printer cannot read: save it as UTF-8"),
	MAGIC(0, "\xfe\xff",
	      "this text is UTF-16, which the printer cannot read: save it as UTF-8"),
};

bool gcode_kind_is_gzip(const unsigned char *front, size_t length)
{
	return length >= 2 && front[0] == 0x1f && front[1] == 0x8b;
}

static int refuse_file(struct problem *problem, const char *words)
{
	problem_set(problem, "%s", words);
	return FLAGSHIP_ERROR_ARGUMENT;
}

/* A binary STL has no magic: its size fits to its number of triangles. */
static bool is_binary_stl(const unsigned char *front, size_t length, int64_t size)
{
	return length >= STL_HEAD_SIZE && size >= STL_HEAD_SIZE &&
	       (size - STL_HEAD_SIZE) / STL_TRIANGLE_SIZE ==
		       (int64_t)bytes_read_u32le(front + STL_COUNT_OFFSET) &&
	       (size - STL_HEAD_SIZE) % STL_TRIANGLE_SIZE == 0;
}

int gcode_kind_check(const unsigned char *front, size_t length, int64_t size,
		     struct problem *problem)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		const struct magic *magic = &magics[i];

		if (length >= magic->offset + magic->length &&
		    memcmp(front + magic->offset, magic->bytes, magic->length) == 0) {
			return refuse_file(problem, magic->words);
		}
	}
	if (size < 0) {
		return 0;
	}
	if (size == 0) {
		return refuse_file(problem, "the file is empty");
	}
	if (is_binary_stl(front, length, size)) {
		return refuse_file(problem, STL_WORDS);
	}
	if (memchr(front, '\0', length)) {
		return refuse_file(problem, "this is no G-code: it is not even text");
	}
	return 0;
}
