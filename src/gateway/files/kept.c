/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "gateway/files/internal.h"
#include "store/file/replace_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * What is printed, by its hash: a second link to the file of the area, so that it costs nothing
 * before that one is replaced or deleted. Its name says the rest that is to be known of it.
 *
 *   HASH-MODIFIED            bytes that were written at that time, in Unix milliseconds
 *   HASH-MODIFIED.MATERIAL   and what filament they want
 */
#define HASH_LENGTH (FILES_HASH_SIZE - 1)
#define DECIMAL     10
#define LIST_STEP   64
#define MS_PER_S    1000
#define NS_PER_MS   1000000
/* What is alone here makes room before uploads would miss it (FILES_FREE_MIN). */
#define KEPT_FREE_MIN (3 * FILES_FREE_MIN)

struct kept_file {
	char name[FILES_KEPT_NAME_SIZE];
	int64_t size;
	bool is_alone; /* the area has it no more: it takes room of its own */
	struct timespec used;
};

struct needed {
	char (*hashes)[FILES_HASH_SIZE]; /* sorted */
	size_t count;
};

struct keeping {
	struct files_task task;
	char hash[FILES_HASH_SIZE]; /* to be kept; "": none, there is only to be room */
	struct files_kept_list list;
	int64_t left; /* bytes of the disk */
	bool is_read;
	struct files_kept_list gone; /* to be dropped next */
};

/* --- names --- */

static bool is_hash(const char *text)
{
	return strspn(text, HEX_LOWER) >= HASH_LENGTH && text[HASH_LENGTH] == '-';
}

/* What cannot stand in a name is no filament that anybody has. */
static bool is_material(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length < FILES_KEPT_MATERIAL_SIZE &&
	       strspn(text,
		      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_ ;") ==
		       length;
}

static void write_name(const struct files_entry *entry, char name[FILES_KEPT_NAME_SIZE])
{
	const char *material = entry->metadata ? entry->metadata->filament_type : "";
	bool is_said = is_material(material);

	snprintf(name, FILES_KEPT_NAME_SIZE, "%.64s-%" PRId64 "%s%s", entry->hash,
		 entry->modified_ms, is_said ? "." : "", is_said ? material : "");
}

static const struct kept_file *find_kept(const struct files_kept_list *list, const char *hash)
{
	for (size_t i = 0; hash[0] != '\0' && i < list->count; i++) {
		if (strncmp(list->files[i].name, hash, HASH_LENGTH) == 0) {
			return &list->files[i];
		}
	}
	return NULL;
}

/* --- on a thread --- */

static void use_now(const char *place)
{
	const struct timespec times[] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_OMIT}};

	(void)utimensat(AT_FDCWD, place, times, AT_SYMLINK_NOFOLLOW);
}

/* The index stands still while a task is at work. Where the disk knows no second links, it is kept
 * as long as the area has it. */
static void keep_file(const struct files *files, const char *hash)
{
	const struct kept_file *kept = find_kept(&files->kept, hash);
	char name[FILES_KEPT_NAME_SIZE];
	char from[PATH_MAX];
	char place[PATH_MAX];

	for (size_t i = 0; !kept && i < files->count; i++) {
		const struct files_entry *entry = files->entries[i];

		if (entry->is_folder || strcmp(entry->hash, hash) != 0) {
			continue;
		}
		write_name(entry, name);
		if (disk_place(files->area, entry->path, from) &&
		    disk_place(files->printed, name, place) && link(from, place) == 0) {
			use_now(place);
			(void)sync_folder(files->printed);
			return;
		}
	}
	if (kept && disk_place(files->printed, kept->name, place)) {
		use_now(place);
	}
}

/* Whether it is what its name says: somebody may have written into the file of the area. */
static bool look(const struct files *files, const char *name, struct kept_file *kept)
{
	char place[PATH_MAX];
	struct stat status;

	if (!is_hash(name) || strlen(name) >= sizeof(kept->name) ||
	    !disk_place(files->printed, name, place) || lstat(place, &status) != 0 ||
	    !S_ISREG(status.st_mode)) {
		return false;
	}
	strcpy(kept->name, name);
	kept->size = (int64_t)status.st_size;
	kept->is_alone = status.st_nlink < 2;
	kept->used = status.st_atim;
	return strtoll(name + HASH_LENGTH + 1, NULL, DECIMAL) ==
	       (int64_t)status.st_mtim.tv_sec * MS_PER_S + status.st_mtim.tv_nsec / NS_PER_MS;
}

static bool add_kept(struct files_kept_list *list, const struct kept_file *kept)
{
	if (list->count % LIST_STEP == 0) {
		struct kept_file *larger = realloc(list->files, (list->count + LIST_STEP) *
									sizeof(*list->files));
		if (!larger) {
			return false;
		}
		list->files = larger;
	}
	list->files[list->count++] = *kept;
	return true;
}

static void drop(const struct files *files, const char *name)
{
	char place[PATH_MAX];

	if (disk_place(files->printed, name, place)) {
		(void)unlink(place);
	}
}

static void read_list(const struct files *files, struct files_kept_list *list)
{
	DIR *folder = opendir(files->printed);
	const struct dirent *item;
	struct kept_file kept;

	while (folder && (item = readdir(folder))) {
		if (item->d_name[0] == '.') {
			continue;
		}
		if (!look(files, item->d_name, &kept)) {
			drop(files, item->d_name);
		} else if (!add_kept(list, &kept)) {
			break;
		}
	}
	if (folder) {
		closedir(folder);
	}
}

static int by_use(const void *a, const void *b)
{
	const struct timespec *one = &((const struct kept_file *)a)->used;
	const struct timespec *other = &((const struct kept_file *)b)->used;

	if (one->tv_sec != other->tv_sec) {
		return one->tv_sec < other->tv_sec ? -1 : 1;
	}
	return (one->tv_nsec > other->tv_nsec) - (one->tv_nsec < other->tv_nsec);
}

static void work_on_kept(struct files_task *task)
{
	struct keeping *keeping = LIST_OF(task, struct keeping, task);

	if (keeping->hash[0] != '\0') {
		keep_file(task->files, keeping->hash);
	}
	read_list(task->files, &keeping->list);
	if (keeping->list.count > 0) {
		qsort(keeping->list.files, keeping->list.count, sizeof(*keeping->list.files),
		      by_use);
	}
	keeping->left = disk_free(task->files);
	keeping->is_read = true;
}

static void drop_gone(struct files_task *task)
{
	const struct keeping *keeping = LIST_OF(task, struct keeping, task);

	for (size_t i = 0; i < keeping->gone.count; i++) {
		drop(task->files, keeping->gone.files[i].name);
	}
}

/* --- on the loop --- */

static int by_hash(const void *a, const void *b)
{
	return memcmp(a, b, HASH_LENGTH);
}

static bool is_needed(const struct needed *needed, const struct kept_file *file)
{
	return needed->count > 0 && bsearch(file->name, needed->hashes, needed->count,
					    sizeof(*needed->hashes), by_hash) != NULL;
}

static bool add_needed(struct needed *needed, const char *hash)
{
	if (strlen(hash) != HASH_LENGTH) {
		return true;
	}
	if (needed->count % LIST_STEP == 0) {
		char(*larger)[FILES_HASH_SIZE] = realloc(
			needed->hashes, (needed->count + LIST_STEP) * sizeof(*needed->hashes));

		if (!larger) {
			return false;
		}
		needed->hashes = larger;
	}
	strcpy(needed->hashes[needed->count++], hash);
	return true;
}

/* False: it is not known, or there is no memory for it. */
static bool read_needed(const struct files *files, struct needed *needed)
{
	const void *place = NULL;
	const char *hash;

	if (!files->next_needed) {
		return false;
	}
	while ((hash = files->next_needed(files->needs, &place))) {
		if (!add_needed(needed, hash)) {
			return false;
		}
	}
	if (needed->count > 0) {
		qsort(needed->hashes, needed->count, sizeof(*needed->hashes), by_hash);
	}
	return true;
}

/* Those that were not asked for the longest go first; those that are to be printed stay. For want
 * of memory nothing goes this time. */
static void bound_kept(const struct files *files, const struct needed *needed,
		       struct keeping *keeping)
{
	struct files_kept_list *list = &keeping->list;
	int64_t alone = 0;
	size_t kept = 0;
	size_t too_many = list->count > FILES_COUNT_MAX ? list->count - FILES_COUNT_MAX : 0;

	for (size_t i = 0; i < list->count; i++) {
		alone += list->files[i].is_alone ? list->files[i].size : 0;
	}
	for (size_t i = 0; i < list->count; i++) {
		const struct kept_file *file = &list->files[i];
		bool has_room = alone <= files->kept_max && keeping->left >= KEPT_FREE_MIN;
		bool stays = i >= too_many && (has_room || !file->is_alone);

		if ((files->kept_max > 0 && (stays || is_needed(needed, file))) ||
		    !add_kept(&keeping->gone, file)) {
			list->files[kept++] = *file;
			continue;
		}
		alone -= file->is_alone ? file->size : 0;
		keeping->left += file->is_alone ? file->size : 0;
	}
	list->count = kept;
}

static void finish_dropping(struct files_task *task)
{
	struct keeping *keeping = LIST_OF(task, struct keeping, task);

	free(keeping->gone.files);
	free(keeping);
}

/* What goes is known by nobody from here on, and dropped before anything is kept again. */
static void finish_keeping(struct files_task *task)
{
	struct keeping *keeping = LIST_OF(task, struct keeping, task);
	struct files *files = task->files;
	struct needed needed = {0};

	if (keeping->is_read) {
		if (read_needed(files, &needed)) {
			bound_kept(files, &needed, keeping);
		}
		free(needed.hashes);
		free(files->kept.files);
		files->kept = keeping->list;
	}
	task->work = drop_gone;
	task->finish = finish_dropping;
	if (keeping->gone.count > 0 && !files->closing) {
		list_insert(files->tasks.next, &task->place);
		return;
	}
	drop_gone(task);
	finish_dropping(task);
}

static void add_keeping(struct files *files, const char *hash)
{
	struct keeping *keeping = files->closing ? NULL : calloc(1, sizeof(*keeping));

	if (!keeping) {
		return;
	}
	snprintf(keeping->hash, sizeof(keeping->hash), "%s", hash);
	keeping->task.work = work_on_kept;
	keeping->task.finish = finish_keeping;
	task_add(files, &keeping->task);
}

void kept_open(struct files *files)
{
	read_list(files, &files->kept);
}

void kept_finish(struct files *files)
{
	free(files->kept.files);
	files->kept = (struct files_kept_list){0};
}

void kept_go_on(struct files *files)
{
	if (files->area_changed && files->kept.count > 0) {
		files->area_changed = false;
		add_keeping(files, "");
	}
}

void files_keep(struct files *files, const char *hash)
{
	if (hash[0] != '\0' && files->kept_max > 0) {
		add_keeping(files, hash);
	}
}

void files_spare(struct files *files, files_next_needed *next, void *context)
{
	files->next_needed = next;
	files->needs = context;
	if (next && files->kept.count > 0) {
		add_keeping(files, "");
	}
}

bool files_find_kept(const struct files *files, const char *hash, struct files_kept *kept)
{
	const struct kept_file *file = find_kept(&files->kept, hash);

	if (!file || !disk_place(files->printed, file->name, kept->place)) {
		return false;
	}
	const char *dot = strchr(file->name, '.');

	snprintf(kept->material, sizeof(kept->material), "%s", dot ? dot + 1 : "");
	return true;
}
