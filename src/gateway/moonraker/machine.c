/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/moonraker/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#define LINE_SIZE 256
#define US_PER_S  1e6
#define BITS      8

/* --- this machine --- */

static int64_t read_kib(const char *path, const char *key)
{
	FILE *file = fopen(path, "re");
	char line[LINE_SIZE];
	int64_t value = -1;
	size_t length = strlen(key);

	while (file && value < 0 && fgets(line, sizeof(line), file)) {
		if (strncmp(line, key, length) == 0 && line[length] == ':') {
			value = strtoll(line + length + 1, NULL, 10);
		}
	}
	if (file) {
		(void)fclose(file);
	}
	return value;
}

static double cpu_seconds(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) != 0) {
		return 0;
	}
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / US_PER_S;
}

void moonraker_read_system(struct status_system *system)
{
	double load = -1;

	system->load = getloadavg(&load, 1) == 1 ? load : -1;
	system->cpu_s = cpu_seconds();
	system->memory_kib = read_kib("/proc/meminfo", "MemAvailable");
}

static void write_key_int(struct json_writer *writer, const char *key, int64_t value)
{
	json_member_int(writer, key, value);
}

static void write_empty(struct json_writer *writer, const char *key)
{
	json_key(writer, key);
	json_object_begin(writer);
	json_object_end(writer);
}

static void write_none(struct json_writer *writer, const char *key)
{
	json_key(writer, key);
	json_array_begin(writer);
	json_array_end(writer);
}

/* --- machine.system_info --- */

static void write_cpu(struct json_writer *writer, const struct utsname *names)
{
	json_key(writer, "cpu_info");
	json_object_begin(writer);
	write_key_int(writer, "cpu_count", sysconf(_SC_NPROCESSORS_ONLN));
	json_member_string(writer, "bits", sizeof(void *) * BITS == 64 ? "64bit" : "32bit");
	json_member_string(writer, "processor", names->machine);
	json_member_string(writer, "cpu_desc", "");
	json_member_string(writer, "serial_number", "");
	json_member_string(writer, "hardware_desc", "");
	json_member_string(writer, "model", "");
	write_key_int(writer, "total_memory", read_kib("/proc/meminfo", "MemTotal"));
	json_member_string(writer, "memory_units", "kB");
	json_object_end(writer);
}

static void write_distribution(struct json_writer *writer, const struct utsname *names)
{
	json_key(writer, "distribution");
	json_object_begin(writer);
	json_member_string(writer, "name", names->sysname);
	json_member_string(writer, "id", "linux");
	json_member_string(writer, "version", names->release);
	json_key(writer, "version_parts");
	json_object_begin(writer);
	json_member_string(writer, "major", "");
	json_member_string(writer, "minor", "");
	json_member_string(writer, "build_number", "");
	json_object_end(writer);
	json_member_string(writer, "like", "");
	json_member_string(writer, "codename", "");
	json_object_end(writer);
}

static void write_system(struct json_writer *writer, const void *context)
{
	struct utsname names = {0};

	(void)context;
	(void)uname(&names);
	json_object_begin(writer);
	json_key(writer, "system_info");
	json_object_begin(writer);
	write_cpu(writer, &names);
	write_empty(writer, "sd_info");
	write_distribution(writer, &names);
	/* None: they are not started or stopped from here. */
	write_none(writer, "available_services");
	write_empty(writer, "instance_ids");
	write_empty(writer, "service_state");
	json_key(writer, "virtualization");
	json_object_begin(writer);
	json_member_string(writer, "virt_type", "none");
	json_member_string(writer, "virt_identifier", "none");
	json_object_end(writer);
	write_empty(writer, "network");
	write_empty(writer, "canbus");
	json_object_end(writer);
	json_object_end(writer);
}

void moonraker_system_info(struct moonraker_call *call)
{
	moonraker_answer(call, write_system, NULL);
}

/* --- machine.proc_stats --- */

static void write_sample(struct json_writer *writer, const struct moonraker *moonraker)
{
	json_object_begin(writer);
	json_key(writer, "time");
	json_real(writer, (double)clock_unix_ms() / MOONRAKER_MS_PER_S);
	json_key(writer, "cpu_usage");
	json_real(writer, moonraker->cpu_percent);
	write_key_int(writer, "memory", moonraker->memory_kib);
	json_member_string(writer, "mem_units", "kB");
	json_object_end(writer);
}

static void write_rest(struct json_writer *writer, const struct moonraker *moonraker)
{
	int64_t total = read_kib("/proc/meminfo", "MemTotal");

	json_key(writer, "cpu_temp");
	json_null(writer);
	write_empty(writer, "network");
	write_empty(writer, "system_cpu_usage");
	json_key(writer, "system_memory");
	json_object_begin(writer);
	write_key_int(writer, "total", total);
	write_key_int(writer, "available", moonraker->system.memory_kib);
	write_key_int(writer, "used", total - moonraker->system.memory_kib);
	json_object_end(writer);
	write_key_int(writer, "websocket_connections", (int64_t)moonraker->socket_count);
}

static void write_stats(struct json_writer *writer, const void *context)
{
	const struct moonraker_call *call = context;

	json_object_begin(writer);
	json_key(writer, "moonraker_stats");
	json_array_begin(writer);
	write_sample(writer, call->moonraker);
	json_array_end(writer);
	json_key(writer, "throttled_state");
	json_null(writer);
	write_rest(writer, call->moonraker);
	json_key(writer, "system_uptime");
	json_real(writer, (double)clock_steady_ms() / MOONRAKER_MS_PER_S);
	json_object_end(writer);
}

void moonraker_proc_stats(struct moonraker_call *call)
{
	moonraker_answer(call, write_stats, call);
}

static void write_notice(struct json_writer *writer, const void *context)
{
	const struct moonraker *moonraker = context;

	json_object_begin(writer);
	json_key(writer, "moonraker_stats");
	write_sample(writer, moonraker);
	write_rest(writer, moonraker);
	json_object_end(writer);
}

/* Once a second: what of the processor this program took since the last time. */
void moonraker_notify_machine(struct moonraker *moonraker)
{
	double now_s = (double)clock_steady_ms() / MOONRAKER_MS_PER_S;
	double passed_s = now_s - moonraker->measured_s;

	if (moonraker->measured_s > 0 && passed_s > 0) {
		moonraker->cpu_percent = (moonraker->system.cpu_s - moonraker->measured_cpu_s) /
					 passed_s * 100;
	}
	moonraker->measured_s = now_s;
	moonraker->measured_cpu_s = moonraker->system.cpu_s;
	moonraker->memory_kib = read_kib("/proc/self/status", "VmRSS");
	moonraker_notify(moonraker, NULL, "notify_proc_stat_update", write_notice, moonraker);
}

/* --- what is not done from here --- */

static void write_updates(struct json_writer *writer, const void *context)
{
	(void)context;
	json_object_begin(writer);
	json_member_bool(writer, "busy", false);
	write_key_int(writer, "github_rate_limit", 0);
	write_key_int(writer, "github_requests_remaining", 0);
	write_key_int(writer, "github_limit_reset_time", 0);
	write_empty(writer, "version_info");
	json_object_end(writer);
}

void moonraker_update_status(struct moonraker_call *call)
{
	moonraker_answer(call, write_updates, NULL);
}

void moonraker_no_machine(struct moonraker_call *call)
{
	moonraker_fail(call, MOONRAKER_FORBIDDEN,
		       "the machine that the gateway runs on is not shut down from here");
}
