/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "base/json/reader.h"
#include "base/json/writer.h"
#include "gateway/files/internal.h"
#include "gateway/files/metadata_json.h"
#include "store/file/file.h"
#include "store/file/replace_file.h"

#include <dirent.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One file of JSON for each file of the area, called by the hash of its path: a path can be longer
 * than a name. */

#define NOTE_SIZE  16384
#define NOTE_DEPTH 8
#define KEY_BYTES  16
#define ENDING     ".json"

static bool note_place(const struct files *files, const char *path, char out[PATH_MAX])
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	char key[2 * KEY_BYTES + 1];

	if (EVP_Digest(path, strlen(path), hash, NULL, EVP_sha256(), NULL) != 1) {
		return false;
	}
	hex_encode(hash, KEY_BYTES, HEX_LOWER, key);
	int length = snprintf(out, PATH_MAX, "%s/%s" ENDING, files->notes, key);
	return length > 0 && length < PATH_MAX;
}

void note_write(const struct files *files, const struct files_entry *entry)
{
	char place[PATH_MAX];
	char *text = malloc(NOTE_SIZE);
	struct json_writer writer;
	size_t length;

	if (!text) {
		return;
	}
	json_writer_init(&writer, text, NOTE_SIZE);
	json_object_begin(&writer);
	json_member_string(&writer, "path", entry->path);
	json_member_int(&writer, "size", entry->size);
	json_member_int(&writer, "modified_ms", entry->modified_ms);
	json_member_string(&writer, "sha256", entry->hash);
	json_key(&writer, "metadata");
	if (entry->metadata) {
		files_write_metadata(&writer, entry->metadata);
	} else {
		json_null(&writer);
	}
	json_object_end(&writer);
	if (json_writer_finish(&writer, &length) == 0 && note_place(files, entry->path, place)) {
		(void)replace_file(place, text, length, FILES_MODE);
	}
	free(text);
}

void note_remove(const struct files *files, const char *path)
{
	char place[PATH_MAX];

	if (note_place(files, path, place)) {
		(void)unlink(place);
	}
}

/* --- at the start --- */

static bool find_int(struct flagship_json object, const char *name, int64_t wanted)
{
	struct json_value value;
	int64_t number;

	return json_object_find(object, name, &value) && json_value_to_int(&value, &number) &&
	       number == wanted;
}

static bool take_metadata(struct flagship_json object, struct files_entry *entry)
{
	struct json_value value;

	if (!json_object_find(object, "metadata", &value) || value.kind == JSON_NULL) {
		return value.kind == JSON_NULL;
	}
	struct gcode_metadata *metadata = value.kind == JSON_OBJECT ? malloc(sizeof(*metadata))
								    : NULL;
	if (!metadata || !files_read_metadata(value.json, metadata)) {
		free(metadata);
		return false;
	}
	entry->metadata = metadata;
	return true;
}

/* False where it is noted of nothing that is there, or of another state of it. */
static bool take_note(struct files *files, const char *text, size_t length)
{
	char path[FILES_PATH_SIZE];
	struct json_value value;
	struct json_value whole;

	if (json_read_document(text, length, NOTE_DEPTH, &whole) || whole.kind != JSON_OBJECT ||
	    !json_object_find(whole.json, "path", &value) || value.kind != JSON_STRING ||
	    flagship_text_copy(value.text, path, sizeof(path)) >= sizeof(path)) {
		return false;
	}
	struct files_entry *entry = area_find(files, path);

	if (!entry || entry->is_folder || !find_int(whole.json, "size", entry->size) ||
	    !find_int(whole.json, "modified_ms", entry->modified_ms) ||
	    !json_object_find(whole.json, "sha256", &value) || value.kind != JSON_STRING ||
	    !take_metadata(whole.json, entry)) {
		return false;
	}
	flagship_text_copy(value.text, entry->hash, sizeof(entry->hash));
	return true;
}

static void load_note(struct files *files, const char *place)
{
	struct problem problem;
	struct store_file note;

	if (store_file_read(place, &note, &problem) != 0 || !note.text ||
	    !take_note(files, note.text, note.length)) {
		(void)unlink(place);
	}
	store_file_release(&note);
}

void notes_load(struct files *files)
{
	DIR *folder = opendir(files->notes);
	const struct dirent *item;
	char place[PATH_MAX];

	while (folder && (item = readdir(folder))) {
		if (item->d_name[0] != '.' && disk_place(files->notes, item->d_name, place)) {
			load_note(files, place);
		}
	}
	if (folder) {
		closedir(folder);
	}
}
