/* SPDX-License-Identifier: MIT */
#include "cli/lan/file.h"

#include "cli/kit/options.h"
#include "cli/output/message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WHERE_MAX 32

int sent_file_choose_name(struct sent_file *file, const char *path, const char *name)
{
	char last[PRINT_FILE_NAME_SIZE];

	*file = (struct sent_file){0};
	(void)print_file_name(path, last, sizeof(last));
	lan_upload_name(name ? name : last, file->name);
	if (file->name[0] == '\0') {
		cli_error("the file needs a name on the printer: --name NAME");
		return CLI_USAGE;
	}
	if (name && strcmp(name, file->name) != 0) {
		cli_error("--name: a printer takes letters, digits and . _ - in the name of a "
			  "file, at "
			  "most %d of them; %s would do",
			  LAN_UPLOAD_NAME_MAX - 1, file->name);
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

static const char *write_where(const struct print_finding *finding, char out[WHERE_MAX])
{
	out[0] = '\0';
	if (finding->line > 0) {
		snprintf(out, WHERE_MAX, "line %" PRId64 ": ", finding->line);
	}
	return out;
}

/* The first refusal is kept; all else is told. */
static void take_finding(struct sent_file *file, const struct print_finding *finding,
			 const char *label, bool force)
{
	char where[WHERE_MAX];

	write_where(finding, where);
	if (finding->severity == PRINT_REFUSED && !force && file->refusal[0] == '\0') {
		snprintf(file->refusal, sizeof(file->refusal), "%s%s; --force sends it", where,
			 finding->text);
		return;
	}
	cli_warn("printer %s: %s%s", label, where, finding->text);
}

int sent_file_open(struct sent_file *file, const char *path, const struct printer_profile *profile,
		   const char *label, bool force)
{
	struct problem problem;

	if (print_file_open(path, profile, &file->prepared, &problem)) {
		cli_error("%s cannot be printed: %s", path, problem.text);
		return CLI_FAILED;
	}
	const struct print_findings *findings = print_file_findings(file->prepared);
	for (size_t i = 0; i < findings->count; i++) {
		take_finding(file, &findings->list[i], label, force);
	}
	if (findings->more > 0) {
		cli_warn("printer %s: and %zu more of that kind", label, findings->more);
	}
	return OPTIONS_RUN;
}

bool sent_file_read(struct sent_file *file, int64_t position, uint8_t *data, size_t length)
{
	struct problem problem;

	if (position == 0 && print_file_rewind(file->prepared, &problem)) {
		return false;
	}
	while (length > 0) {
		size_t got;

		if (print_file_read(file->prepared, data, length, &got, &problem) || got == 0) {
			return false;
		}
		data += got;
		length -= got;
	}
	return true;
}

void sent_file_close(struct sent_file *file)
{
	print_file_close(file->prepared);
	file->prepared = NULL;
}
