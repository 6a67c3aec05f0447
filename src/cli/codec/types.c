/* SPDX-License-Identifier: MIT */
#include "cli/codec/type_name.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/output/json.h"
#include "cli/output/output.h"
#include "cli/output/print.h"
#include "printer/types_json.h"

#include <flagship/field.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TYPES_COLUMNS       6
#define TYPES_CELL_MAX      64
#define TYPES_FIELD_COLUMNS 6

struct types_options {
	bool json;
};

static const struct options_option types_table[] = {
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print JSON: an array of all types, or one object",
	 .offset = offsetof(struct types_options, json)},
};

static const struct options_group types_group = OPTIONS_GROUP("Options", types_table);

static void types_describe_directions(unsigned int bits, char out[TYPES_CELL_MAX])
{
	const char *name;
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; (name = types_direction_name(bits, i)); i++) {
		used += (size_t)snprintf(out + used, TYPES_CELL_MAX - used, "%s%s",
					 used > 0 ? ", " : "", name);
	}
}

static void types_write_one(struct json_writer *writer, const void *context)
{
	types_json_write(writer, context);
}

static void types_write_all(struct json_writer *writer, const void *context)
{
	(void)context;
	types_json_write_all(writer);
}

/* One type, or where `only` is NULL all of them in an array. */
static int types_print_json(const struct flagship_message_info *only)
{
	int error = json_line_print(only ? types_write_one : types_write_all, only, stdout);

	return error == 0 ? CLI_DONE : CLI_FAILED;
}

static int types_print_table(const struct output *output)
{
	static const char *const headings[TYPES_COLUMNS] = {"ID",         "NAME",  "VENDOR NAME",
							    "DIRECTIONS", "GRADE", "DESCRIPTION"};
	size_t count;
	const struct flagship_message_info *infos = flagship_message_infos(&count);
	const char **cells = calloc((count + 1) * TYPES_COLUMNS, sizeof(*cells));
	char(*made)[3][TYPES_CELL_MAX] = calloc(count, sizeof(*made));

	if (!cells || !made) {
		free(cells);
		free(made);
		cli_error("out of memory");
		return CLI_FAILED;
	}
	memcpy(cells, headings, sizeof(headings));
	for (size_t i = 0; i < count; i++) {
		const char **row = cells + (i + 1) * TYPES_COLUMNS;

		snprintf(made[i][0], TYPES_CELL_MAX, "%" PRId64, infos[i].id);
		types_describe_directions(infos[i].directions, made[i][1]);
		made[i][2][0] = infos[i].grade;
		row[0] = made[i][0];
		row[1] = infos[i].name;
		row[2] = infos[i].vendor_name[0] != '\0' ? infos[i].vendor_name : "-";
		row[3] = made[i][1];
		row[4] = made[i][2];
		row[5] = infos[i].description;
	}
	output_table(output, cells, count + 1, TYPES_COLUMNS);
	free(cells);
	free(made);
	return CLI_DONE;
}

static void types_describe_range(const struct flagship_field_info *field, char out[TYPES_CELL_MAX])
{
	if (field->has_range) {
		snprintf(out, TYPES_CELL_MAX, "%" PRId64 "..%" PRId64, field->minimum,
			 field->maximum);
	} else {
		snprintf(out, TYPES_CELL_MAX, "-");
	}
}

static int types_print_fields(const struct flagship_message_info *info, const struct output *output)
{
	static const char *const headings[TYPES_FIELD_COLUMNS] = {"FIELD", "KIND",       "UNIT",
								  "RANGE", "DIRECTIONS", "MEANING"};
	const char *cells[(UINT8_MAX + 1) * TYPES_FIELD_COLUMNS];
	char made[UINT8_MAX][2][TYPES_CELL_MAX];

	memcpy(cells, headings, sizeof(headings));
	for (size_t i = 0; i < info->field_count; i++) {
		const struct flagship_field_info *field = &info->fields[i];
		const char **row = cells + (i + 1) * TYPES_FIELD_COLUMNS;

		types_describe_range(field, made[i][0]);
		types_describe_directions(field->directions, made[i][1]);
		row[0] = field->name;
		row[1] = types_kind_name(field);
		row[2] = field->unit[0] != '\0' ? field->unit : "-";
		row[3] = made[i][0];
		row[4] = made[i][1];
		row[5] = field->description;
	}
	output_table(output, cells, info->field_count + (size_t)1, TYPES_FIELD_COLUMNS);
	return CLI_DONE;
}

static int types_print_one(const struct flagship_message_info *info, const struct output *output)
{
	char cell[TYPES_CELL_MAX];

	output_print(output, OUTPUT_BOLD, "%" PRId64 " %s", info->id, info->name);
	print_to(stdout, "%s%s\n", info->vendor_name[0] != '\0' ? "  " : "", info->vendor_name);
	print_to(stdout, "%s\n\n", info->description);
	types_describe_directions(info->directions, cell);
	print_to(stdout, "Directions  %s\nGrade       %c\n", cell, info->grade);
	if (info->field_count == 0) {
		puts("\nNo field of it is known.");
		return CLI_DONE;
	}
	putchar('\n');
	return types_print_fields(info, output);
}

static int types_run(const struct cli_command *command, int argc, char **argv)
{
	struct types_options options = {0};
	const struct flagship_message_info *info = NULL;
	struct output output;
	int result = options_parse(command, &argc, argv, (void *[]){&options});

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (argc > 0) {
		info = message_type_find(argv[0]);
		if (!info) {
			message_type_explain_unknown(argv[0]);
			return CLI_FAILED;
		}
	}
	if (options.json) {
		return types_print_json(info);
	}
	output_init(&output, stdout);
	return info ? types_print_one(info, &output) : types_print_table(&output);
}

const struct cli_command types_command = {
	.name = "types",
	.section = "Frames and messages",
	.summary = "list the known types of messages, or explain one",
	.arguments = "[NAME|ID]",
	.arguments_max = 1,
	.description =
		"Lists what is known of the messages that printers and clients exchange. A name\n"
		"(ours or the vendor's) or a number shows one of them with its fields. Grades: A\n"
		"seen by several people or proven by a capture, B one careful source, C one "
		"source\n"
		"or a guess.",
	.groups = (const struct options_group *const[]){&types_group, NULL},
	.run = types_run,
};
