/* SPDX-License-Identifier: MIT */

/*
 * What the history of a thousand printers costs that send all the time: samples of every five
 * seconds in one transaction, their averages, and what is forgotten, as a part of one core. Every
 * line: BENCH <name> <number> <unit>.
 */
#include "gateway/history/history.h"
#include "gateway/history/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define PRINTERS  1000
#define MINUTES   20 /* of the printers' time */
#define BEGIN_S   INT64_C(1795910400)
#define JOBS_EACH 60 /* each minute all jobs are saved */
#define US_PER_S  1e6
#define PERCENT   100.0
#define BYTES_MIB 1048576.0

static struct table_printer printers[PRINTERS];
static struct table_sample samples[PRINTERS];

static double processor_s(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / US_PER_S;
}

static void must(int result)
{
	if (result < 0) {
		fprintf(stderr, "the history cannot be written\n");
		exit(1);
	}
}

static void save_jobs(struct database *database, const struct tables_state *state)
{
	struct history_job job = {.file = "a part with a usual name.gcode", .filament_unit = "mm"};

	for (size_t i = 0; i < PRINTERS; i++) {
		job.id = (int64_t)i + 1;
		must(tables_put_job(database, state, &printers[i], &job));
	}
}

/* As the gateway does it, every five seconds. */
static void write_once(struct database *database, struct tables_state *state, int64_t t_s)
{
	must(database_begin(database));
	for (size_t i = 0; i < PRINTERS; i++) {
		samples[i].nozzle = 21000 + (int32_t)((t_s + (int64_t)i) % 97);
		samples[i].bed = 6000 + (int32_t)((t_s + (int64_t)i) % 31);
	}
	must(tables_put_samples(database, state, t_s, samples, PRINTERS));
	if (t_s % JOBS_EACH == 0) {
		save_jobs(database, state);
	}
	must(database_commit(database));
}

/* What is older than half of the time is forgotten, as much as comes. */
static void tidy(struct database *database, int64_t t_s)
{
	const struct tables_limits limits = {.samples_s = t_s - MINUTES * TABLE_MINUTE_S / 2};
	int more = 1;

	while (more > 0) {
		must(database_begin(database));
		more = tables_tidy(database, &limits);
		must(more);
		must(database_commit(database));
	}
}

static void prepare(void)
{
	for (size_t i = 0; i < PRINTERS; i++) {
		snprintf(printers[i].serial, sizeof(printers[i].serial), "BENCH%05zu", i);
		samples[i] = (struct table_sample){
			.printer = &printers[i], .nozzle_target = 21000, .bed_target = 6000};
	}
}

int main(void)
{
	char folder[] = "/tmp/history-cost-XXXXXX";
	char path[64];
	char command[64];
	struct database *database;
	struct problem problem;
	struct stat status;
	struct tables_state state = {.generation = 1};

	if (!mkdtemp(folder)) {
		return 1;
	}
	snprintf(path, sizeof(path), "%s/" HISTORY_FILE, folder);
	must(tables_open(path, true, &database, &problem));
	prepare();
	double before_s = processor_s();
	for (int64_t t_s = 0; t_s < MINUTES * TABLE_MINUTE_S; t_s += HISTORY_SAMPLE_S) {
		write_once(database, &state, BEGIN_S + t_s);
		if (t_s % TABLE_MINUTE_S == 0) {
			tidy(database, BEGIN_S + t_s);
		}
	}
	double used_s = processor_s() - before_s;
	database_close(database);
	printf("BENCH history_1000_printers_core_percent %.3f %%\n",
	       PERCENT * used_s / (MINUTES * (double)TABLE_MINUTE_S));
	if (stat(path, &status) == 0) {
		printf("BENCH history_1000_printers_20_minutes_mib %.1f MiB\n",
		       (double)status.st_size / BYTES_MIB);
	}
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	return system(command);
}
