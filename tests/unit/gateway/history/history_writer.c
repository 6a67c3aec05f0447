/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/history/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * history_writer FOLDER: writes entries and samples to the history of a folder for as long as it is
 * let, and says on stdout which ids are on the disk, a line each. For tests/blackbox, which kill
 * it.
 */
struct writing {
	struct history *history;
	struct known_printer *known;
	struct log log;
	int64_t id;
	int64_t t_s;
};

static void write_next(struct writing *writing);

static void on_kept(void *context)
{
	struct writing *writing = context;
	char line[32];
	int length = snprintf(line, sizeof(line), "%lld\n", (long long)writing->id);

	if (history_trouble(writing->history)[0] != '\0' ||
	    write(STDOUT_FILENO, line, (size_t)length) != length) {
		_exit(1);
	}
	write_next(writing);
}

static void write_next(struct writing *writing)
{
	struct entry_record *record = queue_make_entry(writing->history, writing->known);
	struct sample_record *samples = calloc(1, sizeof(*samples) + sizeof(samples->samples[0]));

	if (!record || !samples) {
		_exit(1);
	}
	samples->t_s = writing->t_s += HISTORY_SAMPLE_S;
	samples->count = 1;
	samples->samples[0] = (struct table_sample){&writing->known->table, 20000, 21000, 6000,
						    6000};
	queue_samples(writing->history, samples);
	writing->id = record->entry.id;
	record->entry.t_ms = clock_unix_ms();
	queue_entry(writing->history, record);
	history_await(writing->history, on_kept, writing);
}

int main(int argc, char **argv)
{
	struct writing writing = {.t_s = clock_unix_s() / HISTORY_SAMPLE_S * HISTORY_SAMPLE_S};
	struct log_levels levels = {.others = LOG_LEVEL_WARNING};
	struct history_options options = {.log = &writing.log};
	uv_loop_t loop;

	if (argc != 2 || uv_loop_init(&loop) != 0) {
		return 2;
	}
	log_init(&writing.log, STDERR_FILENO, LOG_FORMAT_TEXT, &levels);
	options.folder = argv[1];
	if (history_create(&loop, &options, &writing.history)) {
		return 1;
	}
	writing.known = history_know(writing.history, "WRITER1");
	write_next(&writing);
	return uv_run(&loop, UV_RUN_DEFAULT);
}
