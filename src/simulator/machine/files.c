/* SPDX-License-Identifier: MIT */
#include "simulator/machine/files.h"

#include <stdio.h>
#include <string.h>

#define FILE_PLACES   4
#define TIME_TEXT_MAX 24

#define ON_BOARD(file, time)                                        \
	{                                                           \
		file, FILES_BOARD_FOLDER file, FILES_ON_BOARD, time \
	}
#define USB(file, time)                                      \
	{                                                    \
		file, FILES_USB_FOLDER file, FILES_USB, time \
	}

/* The first of each is the job that the model prints over and over. */
static const struct printable_file m5_files[FILE_PLACES] = {
	ON_BOARD("flagship_benchy_0.2mm_PLA_Anker_M5.gcode", 1679000000),
	ON_BOARD("vase_0.3mm_PETG.gcode", 1690000000),
	USB("calibration_cube.gcode", 1680000000),
	USB("Geh\xc3\xa4use Deckel.gcode", 1681000000),
};

static const struct printable_file m5c_files[FILE_PLACES] = {
	ON_BOARD("flagship_clip_0.2mm_PLA_Anker_M5C.gcode", 1679000000),
	ON_BOARD("vase_0.3mm_PETG.gcode", 1690000000),
	USB("calibration_cube.gcode", 1680000000),
	USB("Geh\xc3\xa4use Deckel.gcode", 1681000000),
};

static const struct printable_file e1_files[FILE_PLACES] = {
	ON_BOARD("flagship_phone_case.eufy", 1740000000),
	ON_BOARD("coaster.eufy", 1741000000),
	USB("tile.eufy", 1742000000),
	USB("Schild.eufy", 1743000000),
};

void files_init(struct files *files, const struct simulator_model *model)
{
	*files = (struct files){.model = model};
}

static const struct printable_file *list(const struct files *files)
{
	switch (files->model->id) {
	case FLAGSHIP_MODEL_M5C:
		return m5c_files;
	case FLAGSHIP_MODEL_E1:
		return e1_files;
	default:
		return m5_files;
	}
}

static bool exists(const struct files *files, size_t index)
{
	return !(files->deleted & (1u << index));
}

const struct printable_file *files_find(const struct files *files, struct flagship_text path)
{
	const struct printable_file *all = list(files);

	for (size_t i = 0; i < FILE_PLACES; i++) {
		if (exists(files, i) && flagship_text_equals(path, all[i].path)) {
			return &all[i];
		}
	}
	return NULL;
}

const struct printable_file *files_first(const struct files *files)
{
	return exists(files, 0) ? &list(files)[0] : NULL;
}

bool files_delete(struct files *files, struct flagship_text path)
{
	const struct printable_file *file = files_find(files, path);

	if (!file) {
		return false;
	}
	files->deleted |= 1u << (file - list(files));
	return true;
}

static void write_file(const struct printable_file *file, bool texts, struct json_writer *writer)
{
	char text[TIME_TEXT_MAX];

	json_object_begin(writer);
	json_member_string(writer, "name", file->name);
	json_member_string(writer, "path", file->path);
	json_key(writer, "timestamp");
	if (texts) {
		snprintf(text, sizeof(text), "%lld", (long long)file->unix_s);
		json_string(writer, text);
	} else {
		json_int(writer, file->unix_s);
	}
	json_object_end(writer);
}

void files_write(const struct files *files, const struct files_page *page,
		 struct json_writer *writer)
{
	const struct printable_file *all = list(files);
	size_t index = 0;

	json_array_begin(writer);
	for (size_t i = 0; i < FILE_PLACES; i++) {
		if (!exists(files, i) || all[i].place != page->place) {
			continue;
		}
		if (index >= page->first && index - page->first < page->count) {
			write_file(&all[i], page->texts, writer);
		}
		index++;
	}
	json_array_end(writer);
}
