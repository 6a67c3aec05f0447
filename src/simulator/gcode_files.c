/* SPDX-License-Identifier: MIT */
#include "simulator/gcode_files.h"

#include "simulator/virtual_printer.h"

#include <string.h>

#define FILE_NAME_SIZE 256

/* What stands behind the command's word, without spaces around it. */
static void read_file_name(const char *line, char out[FILE_NAME_SIZE])
{
	const char *start = line + strspn(line, " ");

	start += strcspn(start, " ");
	start += strspn(start, " ");
	size_t length = strcspn(start, ";\r\n");
	while (length > 0 && start[length - 1] == ' ') {
		length--;
	}
	if (length >= FILE_NAME_SIZE) {
		length = FILE_NAME_SIZE - 1;
	}
	memcpy(out, start, length);
	out[length] = '\0';
}

static void select_file(struct virtual_printer *printer, const char *line, struct reply_text *text)
{
	char name[FILE_NAME_SIZE];

	read_file_name(line, name);
	printer->selected = files_find(&printer->files, flagship_text_from(name));
	if (!printer->selected) {
		reply_text_add(text, "open failed, File: %s.\n", name);
		return;
	}
	reply_text_add(text, "File opened: %s Size: %lld\nFile selected\n", printer->selected->name,
		       (long long)printer->selected->size);
}

static void start_or_resume(struct virtual_printer *printer, const char *line,
			    struct reply_text *text)
{
	(void)line;
	(void)text;
	if (print_job_resume(&printer->job) || !printer->selected) {
		return;
	}
	(void)virtual_printer_start_job(printer, printer->selected);
}

static void pause_job(struct virtual_printer *printer, const char *line, struct reply_text *text)
{
	(void)line;
	(void)text;
	(void)print_job_pause(&printer->job);
}

bool gcode_files_run(struct virtual_printer *printer, const char *line, struct reply_text *text,
		     char word[GCODE_WORD_MAX])
{
	static const struct {
		const char *word;
		void (*run)(struct virtual_printer *printer, const char *line,
			    struct reply_text *text);
	} handlers[] = {
		{"M23", select_file},
		{"M24", start_or_resume},
		{"M25", pause_job},
	};
	struct gcode_line command;

	if (!gcode_line_read(line, &command)) {
		return false;
	}
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		if (strcmp(handlers[i].word, command.word) == 0) {
			memcpy(word, command.word, GCODE_WORD_MAX);
			reply_text_init(text);
			handlers[i].run(printer, line, text);
			return true;
		}
	}
	return false;
}
