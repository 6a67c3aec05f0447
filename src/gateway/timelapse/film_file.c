/* SPDX-License-Identifier: MIT */
#include "gateway/timelapse/film_file.h"

#include "base/bytes.h"
#include "store/file/replace_file.h"
#include "video/mp4.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define FILE_MODE   0600
#define SIZE_LENGTH 4
#define SAMPLE_MAX  (H264_UNIT_MAX + MP4_SAMPLE_OVERHEAD)

bool film_path(const char *base, const char *ending, char out[PATH_MAX])
{
	int length = snprintf(out, PATH_MAX, "%s%s", base, ending);

	return length > 0 && length < PATH_MAX;
}

/* -1 with errno. */
static int open_part(const char *base, const char *ending, int flags)
{
	char path[PATH_MAX];

	if (!film_path(base, ending, path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(path, flags | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
}

static int write_at(int descriptor, int64_t at, const uint8_t *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = pwrite(descriptor, bytes, length, (off_t)at);

		if (written < 0 && errno != EINTR) {
			return errno;
		}
		if (written > 0) {
			bytes += written;
			length -= (size_t)written;
			at += written;
		}
	}
	return 0;
}

/* EIO where it ends before. */
static int read_at(int descriptor, int64_t at, uint8_t *bytes, size_t length)
{
	while (length > 0) {
		ssize_t got = pread(descriptor, bytes, length, (off_t)at);

		if (got == 0) {
			return EIO;
		}
		if (got < 0 && errno != EINTR) {
			return errno;
		}
		if (got > 0) {
			bytes += got;
			length -= (size_t)got;
			at += got;
		}
	}
	return 0;
}

/* --- how long it is --- */

struct sizes {
	uint32_t *each; /* to be freed */
	uint32_t count;
};

static int measure_file(int descriptor, int64_t *length)
{
	struct stat status;

	if (fstat(descriptor, &status)) {
		return errno;
	}
	*length = (int64_t)status.st_size;
	return 0;
}

static int take_sizes(int descriptor, struct sizes *sizes)
{
	int64_t count = 0;
	int error = measure_file(descriptor, &count);

	if (error) {
		return error;
	}
	count /= SIZE_LENGTH;
	if (count > MP4_SAMPLES_MAX) {
		count = MP4_SAMPLES_MAX;
	}
	size_t length = (size_t)count * SIZE_LENGTH;
	uint8_t *bytes = calloc(1, length + 1);
	sizes->each = malloc(((size_t)count + 1) * sizeof(*sizes->each));
	error = bytes && sizes->each ? read_at(descriptor, 0, bytes, length) : ENOMEM;
	while (!error && sizes->count < count) {
		sizes->each[sizes->count] = bytes_read_u32be(bytes + sizes->count * SIZE_LENGTH);
		sizes->count++;
	}
	free(bytes);
	return error;
}

/* Those of samples that are in the film, which is open. */
static int read_sizes(const char *base, int film, struct sizes *sizes, int64_t *bytes)
{
	int descriptor = open_part(base, ".sizes", O_RDONLY);
	int64_t length = 0;
	int error = descriptor < 0 ? errno : take_sizes(descriptor, sizes);
	uint32_t count = 0;

	*bytes = 0;
	if (!error) {
		error = measure_file(film, &length);
	}
	while (!error && count < sizes->count && sizes->each[count] > 0 &&
	       sizes->each[count] <= SAMPLE_MAX &&
	       *bytes + sizes->each[count] <= length - MP4_FRONT_SIZE) {
		*bytes += sizes->each[count++];
	}
	sizes->count = count;
	if (descriptor >= 0) {
		close(descriptor);
	}
	return error;
}

int64_t film_measure_beside(const char *base)
{
	static const char *const endings[] = {".sizes", ".jpg", ".json"};
	char path[PATH_MAX];
	struct stat status;
	int64_t bytes = 0;

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (film_path(base, endings[i], path) && lstat(path, &status) == 0) {
			bytes += (int64_t)status.st_size;
		}
	}
	return bytes;
}

bool film_has_pictures(const char *base)
{
	char path[PATH_MAX];
	struct stat status;

	return film_path(base, ".mp4", path) &&
	       (lstat(path, &status) == 0 ? status.st_size > MP4_FRONT_SIZE : errno != ENOENT);
}

int film_measure(const char *base, struct film_extent *extent)
{
	struct sizes sizes = {0};
	int film = open_part(base, ".mp4", O_RDONLY);
	int error = film < 0 ? errno : read_sizes(base, film, &sizes, &extent->bytes);

	extent->frames = sizes.count;
	extent->beside = film_measure_beside(base);
	free(sizes.each);
	if (film >= 0) {
		close(film);
	}
	return error;
}

/* --- one more --- */

static bool has_room(int descriptor, size_t length)
{
	struct statvfs status;

	return fstatvfs(descriptor, &status) == 0 &&
	       (int64_t)status.f_bavail * (int64_t)status.f_frsize - FILM_FREE_MIN >=
		       (int64_t)length;
}

static int append_sample(int film, int list, const struct film_extent *extent,
			 const uint8_t *sample, size_t length)
{
	uint8_t size[SIZE_LENGTH];
	int64_t at = (int64_t)extent->frames * SIZE_LENGTH;

	if (!has_room(film, length + MP4_FRONT_SIZE)) {
		return ENOSPC;
	}
	bytes_write_u32be(size, (uint32_t)length);
	/* What a crash left of samples without a length goes first. */
	int error = ftruncate(list, (off_t)at) ? errno : 0;
	if (!error) {
		error = write_at(film, MP4_FRONT_SIZE + extent->bytes, sample, length);
	}
	return error ? error : write_at(list, at, size, sizeof(size));
}

/* Of a film that had this number, and was deleted while its picture was on its way to the disk. */
static void drop_poster(const char *base)
{
	char path[PATH_MAX];

	if (film_path(base, ".jpg", path)) {
		(void)unlink(path);
	}
}

int film_append(const char *base, const struct film_extent *extent, const uint8_t *sample,
		size_t length)
{
	if (extent->frames == 0) {
		drop_poster(base);
	}
	int film = open_part(base, ".mp4", O_RDWR | O_CREAT);
	int list = film < 0 ? -1 : open_part(base, ".sizes", O_RDWR | O_CREAT);
	int error = list < 0 ? errno : append_sample(film, list, extent, sample, length);

	if (film >= 0) {
		close(film);
	}
	if (list >= 0) {
		close(list);
	}
	return error;
}

/* --- its end --- */

struct walk {
	struct h264_parameters first;
	bool changes;
};

static bool is_other(const struct h264_parameters *one, const struct h264_parameters *other)
{
	return one->sequence_length != other->sequence_length ||
	       one->picture_length != other->picture_length ||
	       memcmp(one->sequence, other->sequence, one->sequence_length) != 0 ||
	       memcmp(one->picture, other->picture, one->picture_length) != 0;
}

/* A power cut may leave zeros where a sample was: what follows is dropped. What the disk does not
 * give now it may give later: that is no damage. */
static int walk_samples(int film, struct sizes *sizes, struct walk *walk, int64_t *bytes)
{
	uint8_t *sample = malloc(SAMPLE_MAX);
	struct h264_parameters parameters;
	uint32_t count = 0;
	int error = sample ? 0 : ENOMEM;

	*bytes = 0;
	while (!error && count < sizes->count) {
		error = read_at(film, MP4_FRONT_SIZE + *bytes, sample, sizes->each[count]);
		if (error || mp4_read_sample(sample, sizes->each[count], &parameters)) {
			break;
		}
		if (count == 0) {
			walk->first = parameters;
		}
		walk->changes = walk->changes || is_other(&walk->first, &parameters);
		*bytes += sizes->each[count++];
	}
	free(sample);
	if (error) {
		return error;
	}
	sizes->count = count;
	return count > 0 ? 0 : ENODATA;
}

static int write_front(int film, const struct sizes *sizes, const struct walk *walk, int64_t bytes)
{
	const struct mp4_film front = {.parameters = &walk->first,
				       .changes = walk->changes,
				       .rate = FILM_RATE,
				       .sizes = sizes->each,
				       .count = sizes->count};
	uint8_t *out = malloc(MP4_FRONT_SIZE);
	int error = !out || mp4_write_front(&front, out) ? ENOMEM : 0;

	if (!error && ftruncate(film, (off_t)(MP4_FRONT_SIZE + bytes))) {
		error = errno;
	}
	if (!error) {
		error = write_at(film, 0, out, MP4_FRONT_SIZE);
	}
	if (!error && fsync(film)) {
		error = errno;
	}
	free(out);
	return error;
}

int film_complete(const char *base, struct film_extent *extent)
{
	struct sizes sizes = {0};
	struct walk walk = {0};
	int film = open_part(base, ".mp4", O_RDWR);
	int64_t bytes = 0;
	int error = film < 0 ? errno : read_sizes(base, film, &sizes, &bytes);

	if (!error) {
		error = walk_samples(film, &sizes, &walk, &bytes);
	}
	if (!error) {
		error = write_front(film, &sizes, &walk, bytes);
	}
	if (!error) {
		extent->bytes = bytes;
		extent->frames = sizes.count;
		extent->width = walk.first.width;
		extent->height = walk.first.height;
		extent->beside = film_measure_beside(base);
	}
	free(sizes.each);
	if (film >= 0) {
		close(film);
	}
	return error;
}

/* --- what is read of it --- */

static int read_last_sample(int film, const struct sizes *sizes, int64_t bytes, uint8_t **unit,
			    size_t *length)
{
	if (sizes->count == 0) {
		return ENODATA;
	}
	*length = sizes->each[sizes->count - 1];
	*unit = malloc(*length);
	int error = *unit ? read_at(film, MP4_FRONT_SIZE + bytes - (int64_t)*length, *unit, *length)
			  : ENOMEM;
	if (error) {
		free(*unit);
		*unit = NULL;
	} else {
		mp4_unpack_sample(*unit, *length);
	}
	return error;
}

int film_read_last(const char *base, uint8_t **unit, size_t *length)
{
	struct sizes sizes = {0};
	int film = open_part(base, ".mp4", O_RDONLY);
	int64_t bytes = 0;

	*unit = NULL;
	int error = film < 0 ? errno : read_sizes(base, film, &sizes, &bytes);
	if (!error) {
		error = read_last_sample(film, &sizes, bytes, unit, length);
	}
	free(sizes.each);
	if (film >= 0) {
		close(film);
	}
	return error;
}

/* One that is absent is no error. */
static int remove_part(const char *base, const char *ending)
{
	char path[PATH_MAX];

	if (!film_path(base, ending, path)) {
		return ENAMETOOLONG;
	}
	return unlink(path) && errno != ENOENT ? errno : 0;
}

int film_remove(const char *base)
{
	static const char *const endings[] = {".mp4", ".sizes", ".jpg"};
	int error = 0;

	for (size_t i = 0; !error && i < sizeof(endings) / sizeof(endings[0]); i++) {
		error = remove_part(base, endings[i]);
	}
	/* By its note the start finds what a power cut left of it: it goes once the rest has. */
	if (!error) {
		error = sync_folder_of(base);
	}
	if (!error) {
		error = remove_part(base, ".json");
	}
	return error ? error : sync_folder_of(base);
}
