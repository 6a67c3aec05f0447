/* SPDX-License-Identifier: MIT */
#include "cloud/mirror/internal.h"

#include "base/clock.h"
#include "base/json/compose.h"
#include "store/file/replace_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* How each account's mirror is, in a file for whoever asks (flagship cloud status). It is written
 * on a thread, and never twice at a time. */

#define PART_SUFFIX  ".part"
#define TIME_SIZE    sizeof("2026-01-01T00:00:00.000Z")
#define TIME_PATTERN "%Y-%m-%dT%H:%M:%S.000Z"

static void write_since(struct json_writer *writer, int64_t unix_s)
{
	char text[TIME_SIZE];
	time_t seconds = (time_t)unix_s;
	struct tm utc;
	bool is_time = gmtime_r(&seconds, &utc) &&
		       strftime(text, sizeof(text), TIME_PATTERN, &utc) > 0;

	json_member_known(writer, "since", is_time ? text : "");
}

static void write_one(struct json_writer *writer, const char *email, const char *state,
		      int64_t since_s, size_t printers, const char *problem)
{
	json_object_begin(writer);
	json_member_string(writer, "account", email);
	json_member_string(writer, "state", state);
	write_since(writer, since_s);
	json_member_int(writer, "printers", (int64_t)printers);
	json_member_known(writer, "problem", problem);
	json_object_end(writer);
}

static void write_state(struct json_writer *writer, const void *context)
{
	const struct mirror *mirror = context;

	json_object_begin(writer);
	json_member_known(writer, "broker", mirror->options.upstream_host);
	json_key(writer, "accounts");
	json_array_begin(writer);
	for (const struct mirrored *account = mirror->accounts; account; account = account->next) {
		if (!account->ending && account->proof != PROOF_LOOP && account->refusal) {
			write_one(writer, account->who->email,
				  account->proof == PROOF_NO_LOOP ? "passes" : "connecting",
				  account->since_s, account->who->serial_count,
				  account->proof == PROOF_NO_LOOP ? "" : account->problem);
		}
	}
	for (const struct refusal *refusal = mirror->refusals; refusal; refusal = refusal->next) {
		write_one(writer, refusal->email, refusal->is_loop ? "loop" : "refused",
			  refusal->since_s, 0, refusal->problem);
	}
	json_array_end(writer);
	json_object_end(writer);
}

static void write_file(uv_work_t *work)
{
	struct mirror *mirror = work->data;
	char temporary[PATH_MAX];

	/* Where it cannot be written nobody is told how it is, and that is all. */
	snprintf(temporary, sizeof(temporary), "%s" PART_SUFFIX, mirror->options.state_file);
	(void)replace_file_through(mirror->options.state_file, temporary, mirror->state_text,
				   mirror->state_length, S_IRUSR | S_IWUSR);
}

static void on_written(uv_work_t *work, int status)
{
	struct mirror *mirror = work->data;
	bool again = mirror->state_changed && !mirror->stops;

	(void)status;
	free(mirror->state_text);
	mirror->state_text = NULL;
	if (mirror->stops) {
		mirror_free_if_over(mirror);
	} else if (again) {
		mirror_state_changed(mirror);
	}
}

void mirror_state_changed(struct mirror *mirror)
{
	if (!mirror->options.state_file || mirror->stops) {
		return;
	}
	mirror->state_changed = mirror->state_text != NULL;
	if (mirror->state_text) {
		return;
	}
	char *text = json_compose(write_state, mirror, &mirror->state_length);
	if (!text) {
		return;
	}
	mirror->state_work.data = mirror;
	mirror->state_text = text;
	if (uv_queue_work(mirror->loop, &mirror->state_work, write_file, on_written) != 0) {
		mirror->state_text = NULL;
		free(text);
	}
}

void mirror_state_set(struct mirrored *account, const char *problem)
{
	account->since_s = clock_unix_s();
	snprintf(account->problem, sizeof(account->problem), "%s", problem);
	mirror_state_changed(account->mirror);
}
