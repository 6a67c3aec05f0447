/* SPDX-License-Identifier: MIT */
#include "printer/state/file_list.h"

#include "printer/state/parts.h"

#include <flagship/message.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_page(const struct file_page *page, size_t before, size_t after)
{
	assert(page->fresh == after - before);
	assert(page->fresh <= page->files);
	assert(page->reported || page->files == 0);
}

/* Every file can be found by what was told of it, and no path stands there twice. */
static void check_list(const struct file_list *list)
{
	assert(list->count <= FILE_LIST_MAX && list->count <= list->capacity);
	for (size_t i = 0; i < list->count; i++) {
		const struct listed_file *file = &list->files[i];

		assert(file->name[0] != '\0' && file->path[0] != '\0');
		assert(file->size == PRINTER_NEVER || file->size >= 0);
		assert(file->unix_s == PRINTER_NEVER || file->unix_s > 0);
		assert(file_list_find(list, file->path, false) == file);
		assert(file_list_find(list, file->name, true) != NULL);
	}
}

/* A payload with replies to 1009, taken twice: the second time there is nothing new. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct flagship_message messages[FLAGSHIP_PAYLOAD_OBJECTS_MAX];
	struct file_list list = {0};
	struct file_page page;
	size_t count;
	char *json = malloc(size > 0 ? size : 1);

	assert(json != NULL);
	memcpy(json, data, size);
	if (flagship_payload_read(json, size, messages, FLAGSHIP_PAYLOAD_OBJECTS_MAX, &count) ==
	    0) {
		for (size_t i = 0; i < count; i++) {
			size_t before = list.count;

			assert(file_list_add(&list, FILE_PLACE_BOARD, messages[i].json, &page) ==
			       0);
			check_page(&page, before, list.count);
		}
		check_list(&list);
		for (size_t i = 0; i < count; i++) {
			assert(file_list_add(&list, FILE_PLACE_USB, messages[i].json, &page) == 0);
			assert(page.fresh == 0 && (page.files == 0 || page.first_known));
		}
	}
	file_list_finish(&list);
	free(json);
	return 0;
}
