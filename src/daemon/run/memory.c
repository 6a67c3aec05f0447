/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* dl_iterate_phdr */

#include "daemon/run/memory.h"

#ifdef __linux__
#include <link.h>
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define LINE_SIZE 128

/* Its breakpoints stand in these pages alone, and would be lost. */
static bool is_debugged(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[LINE_SIZE];
	long tracer = 0;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "TracerPid: %ld", &tracer) == 1) {
			break;
		}
	}
	if (file) {
		fclose(file);
	}
	return tracer != 0;
}

/* Code that was changed as it was loaded is in no file. */
static bool has_changed_code(const struct dl_phdr_info *object)
{
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];

		if (part->p_type != PT_DYNAMIC) {
			continue;
		}
		/* A number of the loader. NOLINTNEXTLINE(performance-no-int-to-ptr) */
		const ElfW(Dyn) *entry = (const ElfW(Dyn) *)(object->dlpi_addr + part->p_vaddr);
		for (; entry->d_tag != DT_NULL; entry++) {
			if (entry->d_tag == DT_TEXTREL ||
			    (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL))) {
				return true;
			}
		}
	}
	return false;
}

static int give_back_object(struct dl_phdr_info *object, size_t size, void *context)
{
	const uintptr_t page = *(const uintptr_t *)context;

	(void)size;
	if (has_changed_code(object)) {
		return 0;
	}
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];
		uintptr_t begin = (uintptr_t)(object->dlpi_addr + part->p_vaddr);
		uintptr_t end = begin + part->p_filesz;

		begin -= begin % page;
		end += (page - end % page) % page;
		if (part->p_type == PT_LOAD && !(part->p_flags & PF_W)) {
			/* Likewise. NOLINTNEXTLINE(performance-no-int-to-ptr) */
			(void)madvise((void *)begin, end - begin, MADV_DONTNEED);
		}
	}
	return 0;
}

void memory_give_back(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

#ifdef __GLIBC__
	(void)malloc_trim(0);
#endif
	if (!is_debugged()) {
		(void)dl_iterate_phdr(give_back_object, &page);
	}
}

#else

void memory_give_back(void)
{
}

#endif
