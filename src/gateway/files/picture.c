/* SPDX-License-Identifier: MIT */
#include "gateway/files/internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

/* A thumbnail, read from its file when somebody wants to see it. */

struct reading {
	struct files *files;
	struct gcode_thumbnail thumbnail;
	char place[PATH_MAX];
	uint8_t *picture;
	size_t size;
	files_picture_done *done;
	void *context;
	uv_work_t request;
};

/* zlib passes files through that are not packed. */
static bool read_text(const struct reading *reading, char *text)
{
	int descriptor = open(reading->place, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	gzFile file = descriptor < 0 ? NULL : gzdopen(descriptor, "rb");

	if (!file) {
		if (descriptor >= 0) {
			close(descriptor);
		}
		return false;
	}
	bool read = gzseek(file, (z_off_t)reading->thumbnail.offset, SEEK_SET) ==
			    (z_off_t)reading->thumbnail.offset &&
		    gzread(file, text, (unsigned int)reading->thumbnail.length) ==
			    (int)reading->thumbnail.length;
	(void)gzclose(file);
	return read;
}

static void load_picture(uv_work_t *request)
{
	struct reading *reading = request->data;
	size_t length = (size_t)reading->thumbnail.length;
	char *text = malloc(length + 1);

	reading->picture = malloc((size_t)reading->thumbnail.size + 1);
	if (!text || !reading->picture || !read_text(reading, text) ||
	    gcode_thumbnail_decode(&reading->thumbnail, text, length, reading->picture,
				   (size_t)reading->thumbnail.size, &reading->size)) {
		free(reading->picture);
		reading->picture = NULL;
	}
	free(text);
}

static void on_picture_read(uv_work_t *request, int status)
{
	struct reading *reading = request->data;
	struct files *files = reading->files;
	struct problem problem;

	(void)status;
	files->working--;
	problem_set(&problem, "the picture cannot be read from the file");
	reading->done(reading->context, reading->picture ? FILES_DONE : FILES_NOT_FOUND,
		      reading->picture, reading->size,
		      gcode_picture_type(reading->thumbnail.picture), &problem);
	free(reading->picture);
	free(reading);
	files_check_closed(files);
}

void files_read_picture(struct files *files, const char *path, size_t index,
			files_picture_done *done, void *context)
{
	const struct files_entry *entry = area_find(files, path);
	struct problem problem;

	if (!entry || !entry->metadata || index >= entry->metadata->thumbnail_count ||
	    !gcode_picture_type(entry->metadata->thumbnails[index].picture)) {
		problem_set(&problem, "there is no such picture");
		done(context, FILES_NOT_FOUND, NULL, 0, NULL, &problem);
		return;
	}
	struct reading *reading = files->closing ? NULL : calloc(1, sizeof(*reading));
	if (!reading || !disk_place(files->area, path, reading->place)) {
		free(reading);
		problem_set(&problem, "the gateway ends, or is out of memory");
		done(context, FILES_BROKEN, NULL, 0, NULL, &problem);
		return;
	}
	reading->files = files;
	reading->thumbnail = entry->metadata->thumbnails[index];
	reading->done = done;
	reading->context = context;
	reading->request.data = reading;
	files->working++;
	uv_queue_work(files->loop, &reading->request, load_picture, on_picture_read);
}
