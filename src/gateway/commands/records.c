/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "base/time/time_text.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/output/message.h"
#include "cli/output/output.h"
#include "cli/output/print.h"
#include "gateway/history/export.h"
#include "gateway/history/tables.h"
#include "store/file/paths.h"
#include "store/file/secrecy.h"

#include <flagship/flagship.h>

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* flagship-records, the program that `flagship history` and `flagship jobs` become: what a gateway
 * has kept, read from its database beside it. */

#define FOLDER_NAME   "/serve"
#define DATABASE_NAME "/history.db"
#define LIMIT_DEFAULT 50
#define CELL_SIZE     768
#define JOB_COLUMNS   7
#define ENTRY_COLUMNS 5
#define CENTI         100.0
#define MS_PER_S      1000
#define NO_VALUE      "-"

static const char *const type_choices[] = {"event", "command", "all", NULL};

struct records_options {
	const char *dir;
	const char *printer;
	const char *since;
	const char *until;
	int64_t limit;
	int type; /* an enum history_entry_type */
	bool json;
	bool csv;
};

#define RECORDS_COMMON                                                                 \
	{.name = "printer",                                                            \
	 .letter = 'p',                                                                \
	 .kind = OPTIONS_TEXT,                                                         \
	 .value = "PRINTER",                                                           \
	 .help = "of this one alone, by serial number or by name",                     \
	 .offset = offsetof(struct records_options, printer)},                         \
		{.name = "since",                                                      \
		 .kind = OPTIONS_TEXT,                                                 \
		 .value = "TIME",                                                      \
		 .help = "not before: 2h, 3d or 1w ago, 2026-11-28, 2026-11-28T15:04", \
		 .offset = offsetof(struct records_options, since)},                   \
		{.name = "until",                                                      \
		 .kind = OPTIONS_TEXT,                                                 \
		 .value = "TIME",                                                      \
		 .help = "before it; as --since",                                      \
		 .offset = offsetof(struct records_options, until)},                   \
		{.name = "limit",                                                      \
		 .letter = 'n',                                                        \
		 .kind = OPTIONS_INTEGER,                                              \
		 .value = "NUMBER",                                                    \
		 .help = "at most so many, the newest first (50); 0: all",             \
		 .offset = offsetof(struct records_options, limit),                    \
		 .minimum = 0,                                                         \
		 .maximum = INT32_MAX},                                                \
		{.name = "json",                                                       \
		 .kind = OPTIONS_FLAG,                                                 \
		 .help = "print one JSON array",                                       \
		 .offset = offsetof(struct records_options, json)},                    \
		{.name = "csv",                                                        \
		 .kind = OPTIONS_FLAG,                                                 \
		 .help = "print CSV, with a line of names",                            \
		 .offset = offsetof(struct records_options, csv)},                     \
	{                                                                              \
		.name = "dir", .kind = OPTIONS_FILE, .value = "FOLDER",                \
		.help = "the gateway's folder (~/.local/state/flagship/serve)",        \
		.offset = offsetof(struct records_options, dir)                        \
	}

static const struct options_option jobs_table[] = {RECORDS_COMMON};
static const struct options_option history_table[] = {
	{.name = "type",
	 .kind = OPTIONS_CHOICE,
	 .choices = type_choices,
	 .help = "events of printers, commands that they were given, or both",
	 .offset = offsetof(struct records_options, type)},
	RECORDS_COMMON,
};
static const struct options_group jobs_group = OPTIONS_GROUP("Options", jobs_table);
static const struct options_group history_group = OPTIONS_GROUP("Options", history_table);

/* Where what was read goes. */
struct page {
	const struct records_options *options;
	struct output output;
	bool is_jobs;
	char (*cells)[CELL_SIZE];
	size_t count; /* of all that were read */
};

/* --- for people --- */

static const char *or_none(const char *text)
{
	return text[0] != '\0' ? text : NO_VALUE;
}

static void write_time(int64_t unix_ms, char cell[CELL_SIZE])
{
	char text[OUTPUT_TIME_MAX] = NO_VALUE;

	if (unix_ms != PRINTER_NEVER) {
		(void)output_time_of_day(unix_ms, clock_unix_ms(), text);
	}
	snprintf(cell, CELL_SIZE, "%s", text);
}

static void write_amount(const struct history_job *job, char cell[CELL_SIZE])
{
	if (job->filament_used_milli == PRINTER_NEVER) {
		strcpy(cell, NO_VALUE);
	} else {
		snprintf(cell, CELL_SIZE, "%.0f %s", (double)job->filament_used_milli / MS_PER_S,
			 job->filament_unit);
	}
}

static const char *outcome_words(enum history_outcome outcome)
{
	return outcome == HISTORY_GOING_ON ? "going on" : history_outcome_name(outcome);
}

static void write_outcome(const struct history_job *job, char cell[CELL_SIZE])
{
	if (job->outcome != HISTORY_FINISHED && job->progress_centi_percent != PRINTER_NEVER) {
		snprintf(cell, CELL_SIZE, "%s at %.0f %%", outcome_words(job->outcome),
			 (double)job->progress_centi_percent / CENTI);
	} else {
		snprintf(cell, CELL_SIZE, "%s", outcome_words(job->outcome));
	}
}

static void write_job_cells(const struct history_job *job, char (*cells)[CELL_SIZE])
{
	char duration[OUTPUT_TIME_MAX];

	write_time(job->begun_ms, cells[0]);
	snprintf(cells[1], CELL_SIZE, "%s",
		 job->printer_name[0] != '\0' ? job->printer_name : job->serial);
	write_outcome(job, cells[2]);
	snprintf(cells[3], CELL_SIZE, "%s",
		 job->duration_ms == PRINTER_NEVER
			 ? NO_VALUE
			 : output_duration(job->duration_ms / MS_PER_S, duration));
	write_amount(job, cells[4]);
	snprintf(cells[5], CELL_SIZE, "%s", or_none(job->file));
	snprintf(cells[6], CELL_SIZE, "%s", job->reason);
}

static void write_entry_cells(const struct history_entry *entry, char (*cells)[CELL_SIZE])
{
	write_time(entry->t_ms, cells[0]);
	snprintf(cells[1], CELL_SIZE, "%s",
		 entry->printer_name[0] != '\0' ? entry->printer_name : entry->serial);
	snprintf(cells[2], CELL_SIZE, "%s%s%s", entry->kind, entry->value[0] != '\0' ? " " : "",
		 entry->value);
	snprintf(cells[3], CELL_SIZE, "%s", or_none(entry->outcome));
	snprintf(cells[4], CELL_SIZE, "%s%s%s", entry->text,
		 entry->asker[0] != '\0' ? ", asked by " : "", entry->asker);
}

static size_t columns_of(const struct page *page)
{
	return page->is_jobs ? JOB_COLUMNS : ENTRY_COLUMNS;
}

static int print_table(const struct page *page)
{
	static const char *const job_heads[JOB_COLUMNS] = {"BEGAN",    "PRINTER", "OUTCOME", "TOOK",
							   "FILAMENT", "FILE",    "REASON"};
	static const char *const entry_heads[ENTRY_COLUMNS] = {"TIME", "PRINTER", "WHAT", "OUTCOME",
							       "DETAIL"};
	size_t columns = columns_of(page);
	size_t cell_count = (page->count + 1) * columns;
	const char **cells = calloc(cell_count + 1, sizeof(*cells));

	if (!cells) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	for (size_t i = 0; i < cell_count; i++) {
		cells[i] = i >= columns    ? page->cells[i - columns]
			   : page->is_jobs ? job_heads[i]
					   : entry_heads[i];
	}
	output_table(&page->output, cells, page->count + 1, columns);
	free(cells);
	return CLI_DONE;
}

static bool keep_cells(struct page *page, const void *record)
{
	size_t columns = columns_of(page);
	char(*cells)[CELL_SIZE] = realloc(page->cells,
					  (page->count + 1) * columns * sizeof(*cells));

	if (!cells) {
		cli_error("out of memory");
		return false;
	}
	page->cells = cells;
	if (page->is_jobs) {
		write_job_cells(record, cells + page->count * columns);
	} else {
		write_entry_cells(record, cells + page->count * columns);
	}
	return true;
}

/* --- for programs --- */

static void print_object(const struct page *page, const void *record)
{
	char text[EXPORT_LINE_MAX * 2];
	struct json_writer writer;
	size_t length = 0;

	json_writer_init(&writer, text, sizeof(text));
	if (page->is_jobs) {
		export_job(&writer, record);
	} else {
		export_entry(&writer, record);
	}
	if (json_writer_finish(&writer, &length) == 0) {
		print_to(stdout, page->count > 0 ? "," : "");
		print_json(stdout, text, length);
	}
}

/* The end of a line is CR LF, which print_data would show. */
static void print_line(const char *line)
{
	print_data(stdout, "%.*s", (int)strcspn(line, "\r"), line);
	print_data(stdout, "\r\n");
}

static void print_csv(const struct page *page, const void *record)
{
	char line[EXPORT_LINE_MAX];

	if (page->is_jobs) {
		(void)export_job_line(record, line);
	} else {
		(void)export_entry_line(record, line);
	}
	print_line(line);
}

static bool take_record(struct page *page, const void *record)
{
	if (page->options->json) {
		print_object(page, record);
	} else if (page->options->csv) {
		print_csv(page, record);
	} else if (!keep_cells(page, record)) {
		return false;
	}
	page->count++;
	return true;
}

static int end_page(const struct page *page)
{
	if (page->options->json) {
		print_to(stdout, "]\n");
		return CLI_DONE;
	}
	if (page->options->csv) {
		return CLI_DONE;
	}
	if (page->count == 0) {
		print_to(stderr, "nothing of that kind was kept\n");
		return CLI_DONE;
	}
	return print_table(page);
}

static void begin_page(const struct page *page)
{
	if (page->options->json) {
		print_to(stdout, "[");
	} else if (page->options->csv) {
		print_line(page->is_jobs ? export_jobs_head : export_entries_head);
	}
}

/* --- reading --- */

/* How many; *last is the id of the last one. Less than 0 after trouble that was told. */
static int read_jobs(struct database *database, const struct history_query *query,
		     struct page *page, int64_t *last)
{
	struct history_job *jobs = calloc(query->limit, sizeof(*jobs));
	int count = jobs ? tables_read_jobs(database, query, jobs) : FLAGSHIP_ERROR_MEMORY;

	for (int i = 0; i < count; i++) {
		*last = jobs[i].id;
		if (!take_record(page, &jobs[i])) {
			count = FLAGSHIP_ERROR_MEMORY;
		}
	}
	free(jobs);
	return count;
}

static int read_entries(struct database *database, const struct history_query *query,
			struct page *page, int64_t *last)
{
	struct history_entry *entries = calloc(query->limit, sizeof(*entries));
	int count = entries ? tables_read_entries(database, query, entries) : FLAGSHIP_ERROR_MEMORY;

	for (int i = 0; i < count; i++) {
		*last = entries[i].id;
		if (!take_record(page, &entries[i])) {
			count = FLAGSHIP_ERROR_MEMORY;
		}
	}
	free(entries);
	return count;
}

static int read_pages(struct database *database, struct history_query *query, struct page *page)
{
	size_t wanted = page->options->limit > 0 ? (size_t)page->options->limit : SIZE_MAX;
	int count = 1;

	begin_page(page);
	while (count > 0 && page->count < wanted) {
		size_t left = wanted - page->count;

		query->limit = left < HISTORY_LIMIT_MAX ? left : HISTORY_LIMIT_MAX;
		count = (page->is_jobs ? read_jobs : read_entries)(database, query, page,
								   &query->before_id);
	}
	if (count < 0) {
		cli_error("the history cannot be read: %s", database_problem(database));
		return CLI_FAILED;
	}
	return end_page(page);
}

static int find_printer(struct database *database, const char *word,
			char serial[HISTORY_SERIAL_SIZE])
{
	int count = tables_find_printer(database, word, serial);

	if (count < 0) {
		cli_error("the history cannot be read: %s", database_problem(database));
		return CLI_FAILED;
	}
	if (count == 0) {
		cli_error("the gateway has kept nothing of a printer '%s'", word);
		return CLI_FAILED;
	}
	if (count > 1) {
		cli_error("several printers were called '%s': name it by serial number", word);
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

/* --- what is asked --- */

static int read_time(const char *name, const char *text, int64_t *unix_ms)
{
	if (!text || time_text_read(text, clock_unix_ms(), true, unix_ms)) {
		return OPTIONS_RUN;
	}
	cli_error("--%s '%s' is to be 2h, 3d or 1w (so long ago), 2026-11-28 or 2026-11-28T15:04",
		  name, text);
	return CLI_USAGE;
}

static int open_database(const struct records_options *options, struct database **database)
{
	char path[PATH_MAX];
	char folder[PATH_MAX];
	struct problem problem;

	if (!options->dir && !store_state_folder(folder)) {
		cli_error("there is no home folder: set HOME, or give --dir");
		return CLI_NOT_CONFIGURED;
	}
	int length = options->dir
			     ? snprintf(path, sizeof(path), "%s" DATABASE_NAME, options->dir)
			     : snprintf(path, sizeof(path), "%s" FOLDER_NAME DATABASE_NAME, folder);
	if (length < 1 || (size_t)length >= sizeof(path)) {
		cli_error("--dir: this path is too long");
		return CLI_USAGE;
	}
	if (access(path, F_OK) != 0) {
		cli_error("no gateway has kept anything here (there is no %s): `flagship serve` "
			  "does, while it runs; --dir names the folder of another",
			  path);
		return CLI_NOT_CONFIGURED;
	}
	if (tables_open(path, false, database, &problem)) {
		cli_error("%s", problem.text);
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

static int show(const struct records_options *options, bool is_jobs)
{
	struct page page = {.options = options, .is_jobs = is_jobs};
	struct history_query query = {.type = (enum history_entry_type)options->type};
	char serial[HISTORY_SERIAL_SIZE];
	struct database *database;
	int result = read_time("since", options->since, &query.since_ms);

	if (result == OPTIONS_RUN) {
		result = read_time("until", options->until, &query.until_ms);
	}
	if (result == OPTIONS_RUN && options->json && options->csv) {
		cli_error("--json or --csv, not both");
		result = CLI_USAGE;
	}
	if (result == OPTIONS_RUN) {
		result = open_database(options, &database);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	output_init(&page.output, stdout);
	if (options->printer) {
		result = find_printer(database, options->printer, serial);
		query.serial = serial;
	}
	if (result == OPTIONS_RUN) {
		result = read_pages(database, &query, &page);
	}
	database_close(database);
	free(page.cells);
	return result;
}

static int run_records(const struct cli_command *command, int argc, char **argv, bool is_jobs)
{
	struct records_options options = {.limit = LIMIT_DEFAULT, .type = HISTORY_ENTRY_TYPES};
	int result = options_parse(command, &argc, argv, (void *[]){&options});

	return result == OPTIONS_RUN ? show(&options, is_jobs) : result;
}

static int run_jobs(const struct cli_command *command, int argc, char **argv)
{
	return run_records(command, argc, argv, true);
}

static int run_history(const struct cli_command *command, int argc, char **argv)
{
	return run_records(command, argc, argv, false);
}

static const struct cli_command records_commands[] = {
	{
		.name = "history",
		.section = "Printers",
		.summary = "what happened to the printers of a gateway",
		.arguments = "",
		.arguments_max = 0,
		.description =
			"Events of the printers (online, offline, jobs, errors, alerts, filament) "
			"and "
			"the\n"
			"commands that they were given, with who asked and what became of it, as "
			"`flagship\n"
			"serve` has kept them, the newest first.",
		.groups = (const struct options_group *const[]){&history_group, NULL},
		.run = run_history,
	},
	{
		.name = "jobs",
		.section = "Printers",
		.summary = "what the printers of a gateway have printed",
		.arguments = "",
		.arguments_max = 0,
		.description =
			"Prints as `flagship serve` has kept them, the newest first: when, how "
			"they ended\n"
			"and why, how long they took, how much filament they used.",
		.groups = (const struct options_group *const[]){&jobs_group, NULL},
		.run = run_jobs,
	},
};

static int run_program(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(records_commands) / sizeof(records_commands[0]);
	     i++) {
		if (strcmp(records_commands[i].name, argv[1]) == 0) {
			return records_commands[i].run(&records_commands[i], argc - 2, argv + 2);
		}
	}
	cli_error("this program serves flagship history and flagship jobs");
	return CLI_USAGE;
}

int main(int argc, char **argv)
{
	streams_hold();
	core_dump_forbid();
	if (argc == 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
		print_to(stdout, "flagship %s\n", flagship_version());
		return streams_end(CLI_DONE);
	}
	return streams_end(run_program(argc, argv));
}
