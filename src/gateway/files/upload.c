/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "gateway/files/internal.h"

#include <flagship/error.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * An upload is written by threads to a file of its own, one piece after the other, while the next
 * piece is collected. What it is shows while it passes.
 */
#define PIECE       (256 * 1024) /* that is collected before the client has to wait */
#define HASH_BYTES  32
#define SHOWN_MIB   20
#define READ_BUFFER 65536

struct piece {
	char *bytes;
	size_t length;
	size_t capacity;
};

/* What is learned of a file while it passes. */
struct digest {
	struct gcode_reader reader;
	EVP_MD_CTX *hash;
};

struct files_upload {
	struct files_task task; /* that puts it in its place */
	struct list place;
	struct files *files;
	struct files_upload_options options;
	struct digest digest;
	struct piece collected;
	struct piece written;
	uv_work_t request;
	int descriptor; /* -1: not open */
	char temporary[PATH_MAX];
	char path[FILES_PATH_SIZE];
	struct files_entry *entry; /* that it becomes */
	int64_t received;
	int64_t reserved; /* of files->coming */
	bool overwrite;
	bool working;
	bool removing; /* the work is to remove the file */
	bool awaited;  /* `ready` is due */
	bool ended;    /* it is whole */
	bool aborted;  /* nothing is called any more */
	enum files_result result;
	struct problem problem;
};

/* --- what is learned --- */

static bool digest_begin(struct digest *digest)
{
	gcode_reader_init(&digest->reader);
	digest->hash = EVP_MD_CTX_new();
	return digest->hash && EVP_DigestInit_ex(digest->hash, EVP_sha256(), NULL) == 1;
}

static int digest_add(struct digest *digest, const void *bytes, size_t length,
		      struct problem *problem)
{
	(void)EVP_DigestUpdate(digest->hash, bytes, length);
	return gcode_reader_feed(&digest->reader, bytes, length, problem);
}

static int digest_end(struct digest *digest, struct files_entry *entry, struct problem *problem)
{
	unsigned char hash[EVP_MAX_MD_SIZE] = {0};
	struct gcode_metadata *metadata = malloc(sizeof(*metadata));

	if (!metadata) {
		return problem_memory(problem);
	}
	(void)EVP_DigestFinal_ex(digest->hash, hash, NULL);
	hex_encode(hash, HASH_BYTES, HEX_LOWER, entry->hash);
	int error = gcode_reader_end(&digest->reader, metadata, problem);
	if (error) {
		free(metadata);
	} else {
		entry->metadata = metadata;
	}
	return error;
}

static enum files_result result_of_reader(int error)
{
	return error == FLAGSHIP_ERROR_MEMORY ? FILES_BROKEN : FILES_NO_GCODE;
}

static void digest_finish(struct digest *digest)
{
	gcode_reader_finish(&digest->reader);
	EVP_MD_CTX_free(digest->hash);
	digest->hash = NULL;
}

void upload_read_file(const char *place, struct files_entry *entry)
{
	struct digest *digest = calloc(1, sizeof(*digest));
	char *piece = malloc(READ_BUFFER);
	int file = open(place, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct problem ignored;
	int error = 0;
	ssize_t got = -1;

	if (digest && piece && file >= 0 && digest_begin(digest)) {
		while ((got = read(file, piece, READ_BUFFER)) > 0) {
			/* What is no G-code has a hash, too. */
			if (!error) {
				error = digest_add(digest, piece, (size_t)got, &ignored);
			} else {
				(void)EVP_DigestUpdate(digest->hash, piece, (size_t)got);
			}
		}
	}
	if (got == 0) {
		(void)digest_end(digest, entry, &ignored);
		if (error) {
			free(entry->metadata);
			entry->metadata = NULL;
		}
	}
	if (file >= 0) {
		close(file);
	}
	if (digest) {
		digest_finish(digest);
	}
	free(digest);
	free(piece);
}

/* --- the end of it --- */

static void release_room(struct files_upload *upload)
{
	upload->files->coming -= upload->reserved;
	upload->reserved = 0;
}

static void free_upload(struct files_upload *upload)
{
	struct files *files = upload->files;

	list_remove(&upload->place);
	release_room(upload);
	digest_finish(&upload->digest);
	entry_destroy(upload->entry);
	free(upload->collected.bytes);
	free(upload->written.bytes);
	free(upload);
	files_check_closed(files);
}

/* On a thread. */
static void remove_temporary(struct files_upload *upload)
{
	if (upload->descriptor >= 0) {
		close(upload->descriptor);
		upload->descriptor = -1;
		(void)unlink(upload->temporary);
	}
}

/* Tells how it ended, once. */
static void tell(struct files_upload *upload, enum files_result result,
		 const struct files_entry *entry, const struct problem *problem)
{
	if (!upload->aborted) {
		upload->aborted = true;
		upload->options.done(upload->options.context, result, entry, problem);
	}
}

/* --- to its place --- */

static void fail_commit(struct files_upload *upload, enum files_result result)
{
	upload->task.result = result;
	remove_temporary(upload);
}

static enum files_result check_target(struct files_upload *upload)
{
	const struct files *files = upload->files;
	const struct files_entry *there = area_find(files, upload->path);

	if (there && there->is_folder) {
		return disk_fault("write", upload->path, EISDIR, &upload->task.problem);
	}
	if (there && !upload->overwrite) {
		problem_set(&upload->task.problem, "there is a file '%s' already", upload->path);
		return FILES_EXISTS;
	}
	if (!there && files->count >= FILES_COUNT_MAX) {
		problem_set(&upload->task.problem, "there are %d files: delete some",
			    FILES_COUNT_MAX);
		return FILES_NO_ROOM;
	}
	return disk_make_parents(files, upload->path, &upload->task.problem);
}

static void commit(struct files_task *task)
{
	struct files_upload *upload = LIST_OF(task, struct files_upload, task);
	char place[PATH_MAX];

	int error = digest_end(&upload->digest, upload->entry, &task->problem);
	if (error) {
		fail_commit(upload, result_of_reader(error));
		return;
	}
	enum files_result result = check_target(upload);
	if (result != FILES_DONE) {
		fail_commit(upload, result);
		return;
	}
	if (fsync(upload->descriptor) != 0 || !disk_place(task->files->area, upload->path, place) ||
	    rename(upload->temporary, place) != 0) {
		fail_commit(upload, disk_fault("write", upload->path, errno, &task->problem));
		return;
	}
	close(upload->descriptor);
	upload->descriptor = -1;
	disk_sync_parent(task->files, upload->path);
	(void)disk_look(task->files, upload->entry);
	note_write(task->files, upload->entry);
}

static void finish_commit(struct files_task *task)
{
	struct files_upload *upload = LIST_OF(task, struct files_upload, task);
	struct files *files = task->files;
	const struct files_entry *entry = NULL;

	release_room(upload);
	if (task->result == FILES_DONE) {
		log_event(files->log, LOG_LEVEL_INFO, FILES_LOG_PART, "file uploaded",
			  LOG_TEXT("path", upload->path), LOG_NUMBER("bytes", upload->received));
		entry = files_put(files, upload->entry, NULL, &task->problem);
		task->result = entry ? FILES_DONE : FILES_BROKEN;
		upload->entry = NULL;
	} else if (upload->descriptor >= 0) {
		/* Its turn did not come before the end. */
		remove_temporary(upload);
	}
	tell(upload, task->result, entry, &task->problem);
	free_upload(upload);
}

/* --- writing --- */

static enum files_result write_piece(struct files_upload *upload)
{
	const char *bytes = upload->written.bytes;
	size_t left = upload->written.length;

	if (upload->descriptor < 0) {
		upload->descriptor = open(upload->temporary,
					  O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILES_MODE);
	}
	while (left > 0) {
		ssize_t put = upload->descriptor < 0 ? -1 : write(upload->descriptor, bytes, left);

		if (put < 0 && errno != EINTR) {
			return disk_fault("write", "the upload", errno, &upload->problem);
		}
		if (put > 0) {
			bytes += put;
			left -= (size_t)put;
		}
	}
	int error = digest_add(&upload->digest, upload->written.bytes, upload->written.length,
			       &upload->problem);
	return error ? result_of_reader(error) : FILES_DONE;
}

static void work_on_upload(uv_work_t *request)
{
	struct files_upload *upload = request->data;

	if (upload->removing) {
		remove_temporary(upload);
	} else {
		upload->result = write_piece(upload);
	}
}

static void on_upload_worked(uv_work_t *request, int status);

static void start_work(struct files_upload *upload)
{
	struct piece swapped = upload->written;

	upload->written = upload->collected;
	upload->collected = swapped;
	upload->collected.length = 0;
	upload->request.data = upload;
	upload->working = true;
	upload->files->working++;
	uv_queue_work(upload->files->loop, &upload->request, work_on_upload, on_upload_worked);
}

/* What is next to be done of it, with no thread at work. */
static void go_on(struct files_upload *upload)
{
	if (upload->aborted || upload->result != FILES_DONE) {
		tell(upload, upload->result, NULL, &upload->problem);
		if (upload->descriptor >= 0) {
			upload->removing = true;
			start_work(upload);
		} else {
			free_upload(upload);
		}
	} else if (upload->collected.length > 0 || (upload->ended && upload->descriptor < 0)) {
		start_work(upload);
	} else if (upload->ended) {
		upload->task.work = commit;
		upload->task.finish = finish_commit;
		task_add(upload->files, &upload->task);
	}
}

static void on_upload_worked(uv_work_t *request, int status)
{
	struct files_upload *upload = request->data;
	bool awaited = upload->awaited;

	(void)status;
	upload->working = false;
	upload->files->working--;
	upload->awaited = false;
	if (awaited && !upload->aborted && upload->result == FILES_DONE) {
		go_on(upload);
		upload->options.ready(upload->options.context);
		return;
	}
	go_on(upload);
}

/* --- for who has it --- */

static enum files_result refuse_size(struct problem *problem)
{
	problem_set(problem, "the file is larger than %" PRId64 " GiB: no printer takes that",
		    FILES_SIZE_MAX >> 30);
	return FILES_TOO_LARGE;
}

enum files_result files_check_size(const struct files *files, int64_t size, struct problem *problem)
{
	struct files_room room;

	if (size > FILES_SIZE_MAX) {
		return refuse_size(problem);
	}
	files_room(files, &room);
	if (size > room.free) {
		problem_set(problem,
			    "there is no room for this file: %" PRId64 " MiB are left; delete "
			    "files, or allow more (--files-max)",
			    room.free >> SHOWN_MIB);
		return FILES_NO_ROOM;
	}
	return FILES_DONE;
}

/* Sets so much aside for it, in all. */
static enum files_result reserve(struct files_upload *upload, int64_t size, struct problem *problem)
{
	int64_t more = size - upload->reserved;
	enum files_result result = size > FILES_SIZE_MAX
					   ? refuse_size(problem)
					   : files_check_size(upload->files, more, problem);

	if (result == FILES_DONE) {
		upload->files->coming += more;
		upload->reserved = size;
	}
	return result;
}

enum files_result files_upload_begin(struct files *files,
				     const struct files_upload_options *options,
				     struct files_upload **out, struct problem *problem)
{
	struct files_upload *upload = files->closing ? NULL : calloc(1, sizeof(*upload));
	char name[sizeof("18446744073709551615")];

	*out = NULL;
	if (!upload) {
		problem_set(problem, files->closing ? "the gateway ends" : "out of memory");
		return FILES_BROKEN;
	}
	upload->files = files;
	upload->options = *options;
	upload->descriptor = -1;
	list_init(&upload->place);
	snprintf(name, sizeof(name), "%" PRIu64, files->uploaded++);
	enum files_result result = options->size > 0 ? reserve(upload, options->size, problem)
						     : FILES_DONE;
	if (result == FILES_DONE && (!disk_place(files->uploads, name, upload->temporary) ||
				     !digest_begin(&upload->digest))) {
		(void)problem_memory(problem);
		result = FILES_BROKEN;
	}
	if (result != FILES_DONE) {
		free_upload(upload);
		return result;
	}
	list_insert(&files->all_uploads, &upload->place);
	*out = upload;
	return FILES_DONE;
}

static bool collect(struct piece *piece, const void *bytes, size_t length)
{
	if (piece->length + length > piece->capacity) {
		size_t capacity = piece->length + length > PIECE ? piece->length + length : PIECE;
		char *larger = realloc(piece->bytes, capacity);

		if (!larger) {
			return false;
		}
		piece->bytes = larger;
		piece->capacity = capacity;
	}
	memcpy(piece->bytes + piece->length, bytes, length);
	piece->length += length;
	return true;
}

bool files_upload_write(struct files_upload *upload, const void *bytes, size_t length)
{
	struct problem problem;
	enum files_result result = FILES_DONE;

	upload->received += (int64_t)length;
	if (upload->received > upload->reserved) {
		result = reserve(upload, upload->received, &problem);
	}
	if (result == FILES_DONE && !collect(&upload->collected, bytes, length)) {
		(void)problem_memory(&problem);
		result = FILES_BROKEN;
	}
	if (result != FILES_DONE) {
		tell(upload, result, NULL, &problem);
		if (!upload->working) {
			go_on(upload);
		}
		return true;
	}
	if (!upload->working) {
		start_work(upload);
		return true;
	}
	upload->awaited = upload->collected.length >= PIECE;
	return !upload->awaited;
}

void files_upload_end(struct files_upload *upload, const char *path, bool overwrite)
{
	struct problem problem;
	enum files_result result = files_check_path(path, &problem);

	upload->awaited = false;
	upload->entry = result == FILES_DONE ? entry_create(path) : NULL;
	if (result == FILES_DONE && !upload->entry) {
		(void)problem_memory(&problem);
		result = FILES_BROKEN;
	}
	upload->ended = true;
	upload->overwrite = overwrite;
	snprintf(upload->path, sizeof(upload->path), "%s", path);
	if (result != FILES_DONE) {
		tell(upload, result, NULL, &problem);
	}
	if (!upload->working) {
		go_on(upload);
	}
}

void files_upload_abort(struct files_upload *upload)
{
	bool committed = upload->ended && !upload->working && upload->collected.length == 0 &&
			 upload->result == FILES_DONE && !upload->aborted;

	upload->aborted = true;
	if (!upload->working && !committed) {
		go_on(upload);
	}
}

void uploads_end_all(struct files *files)
{
	struct problem problem;
	struct list *next;

	problem_set(&problem, "the gateway ends");
	for (struct list *at = files->all_uploads.next; at != &files->all_uploads; at = next) {
		struct files_upload *upload = LIST_OF(at, struct files_upload, place);

		next = at->next;
		tell(upload, FILES_BROKEN, NULL, &problem);
		files_upload_abort(upload);
	}
}
