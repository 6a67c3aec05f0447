/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_BACKUP_ARCHIVE_H
#define GATEWAY_BACKUP_ARCHIVE_H

#include "gateway/files/files.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A backup as a stream of bytes: a tar archive (POSIX.1-2001, ustar with pax records for long names
 * and large files) of plain files, whose last one, SHA256, is the digest of all bytes before its
 * own header, so that one that was cut or changed is told from a whole one. No I/O: bytes go to,
 * and come from, functions of the caller. Memory is bounded, whatever the archive's size.
 */
#define ARCHIVE_BLOCK     512
#define ARCHIVE_HEAD_MAX  ((size_t)6 * ARCHIVE_BLOCK) /* of one file, with its pax records */
#define ARCHIVE_NAME_SIZE (FILES_PATH_SIZE + sizeof("files/"))
#define ARCHIVE_SIZE_MAX  (INT64_C(1) << 50) /* of a file */
#define ARCHIVE_DIGEST    "SHA256"
#define ARCHIVE_HEX_SIZE  (2 * 32 + 1)

struct archive_entry {
	char name[ARCHIVE_NAME_SIZE]; /* as it stands there: anything but NUL, and not "" */
	int64_t size;
	int64_t modified_s; /* Unix */
};

/* --- out --- */

struct archive_writer {
	/* All of it, or false, with errno. */
	bool (*write)(void *context, const void *bytes, size_t length);
	void *context;
	EVP_MD_CTX *digest;
	int64_t left; /* of the file that is being written */
	int64_t size; /* of that file */
};

/* Error: MEMORY, CRYPTO. */
int archive_writer_init(struct archive_writer *writer,
			bool (*write)(void *context, const void *bytes, size_t length),
			void *context) __attribute__((warn_unused_result));
/* A file begins: exactly entry->size bytes of it are to follow. */
bool archive_begin(struct archive_writer *writer, const struct archive_entry *entry);
bool archive_write(struct archive_writer *writer, const void *bytes, size_t length);
/* After the last file: its digest, and the end. */
bool archive_end(struct archive_writer *writer);
/* May be zeroed. */
void archive_writer_finish(struct archive_writer *writer);

/* --- in --- */

struct archive_reader {
	/* At most capacity; 0: the end; -1 with errno. */
	ssize_t (*read)(void *context, void *bytes, size_t capacity);
	void *context;
	EVP_MD_CTX *digest;
	EVP_MD_CTX *before; /* the digest before the header that was read last */
	int64_t left;       /* of the file that is being read */
	size_t padding;     /* behind it */
	bool whole;         /* the digest was right */
	const char *fault;  /* why it is no archive, for people */
};

enum archive_result {
	ARCHIVE_BROKEN = -1, /* with `fault` */
	ARCHIVE_END = 0,     /* and it is whole */
	ARCHIVE_ENTRY = 1,
};

/* Error: MEMORY. */
int archive_reader_init(struct archive_reader *reader,
			ssize_t (*read)(void *context, void *bytes, size_t capacity), void *context)
	__attribute__((warn_unused_result));
/* The next file; what was not read of the last one is skipped. */
enum archive_result archive_next(struct archive_reader *reader, struct archive_entry *entry);
/* More of its content, at most capacity; 0: its end; -1: BROKEN. */
ssize_t archive_read(struct archive_reader *reader, void *bytes, size_t capacity);
/* May be zeroed. */
void archive_reader_finish(struct archive_reader *reader);

#endif
