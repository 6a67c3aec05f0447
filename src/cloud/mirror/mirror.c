/* SPDX-License-Identifier: MIT */
#include "cloud/mirror/internal.h"

#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOK_MS 2000

static bool was_refused(const void *context, const char *user_id)
{
	for (const struct refusal *refusal = context; refusal; refusal = refusal->next) {
		if (strcmp(refusal->user_id, user_id) == 0) {
			return true;
		}
	}
	return false;
}

static void free_text(const char *text)
{
	free((void *)text);
}

static void options_free(struct mirror_options *options)
{
	if (options->local_password) {
		OPENSSL_cleanse((void *)options->local_password, strlen(options->local_password));
	}
	free_text(options->upstream_host);
	free_text(options->upstream_trust.ca_file);
	free_text(options->upstream_trust.pin_sha256);
	free_text(options->local_host);
	free_text(options->local_ca);
	free_text(options->local_username);
	free_text(options->state_file);
	free_text(options->local_password);
}

static bool copy_text(const char **text)
{
	bool wanted = *text != NULL;

	*text = wanted ? strdup(*text) : NULL;
	return !wanted || *text;
}

/* Each becomes our own, or NULL: options_free is due either way. */
static bool options_copy(struct mirror_options *options)
{
	bool copied = copy_text(&options->upstream_host);

	copied = copy_text(&options->upstream_trust.ca_file) && copied;
	copied = copy_text(&options->upstream_trust.pin_sha256) && copied;
	copied = copy_text(&options->local_host) && copied;
	copied = copy_text(&options->local_ca) && copied;
	copied = copy_text(&options->local_username) && copied;
	copied = copy_text(&options->state_file) && copied;
	return copy_text(&options->local_password) && copied;
}

void mirror_free_if_over(struct mirror *mirror)
{
	void (*stopped)(void *) = mirror->stopped;
	void *context = mirror->stopped_context;

	if (mirror->accounts || !mirror->timer_closed || mirror->look.runs || mirror->state_text) {
		return;
	}
	if (mirror->options.state_file) {
		unlink(mirror->options.state_file);
	}
	while (mirror->refusals) {
		struct refusal *next = mirror->refusals->next;

		free(mirror->refusals);
		mirror->refusals = next;
	}
	options_free(&mirror->options);
	free(mirror);
	if (stopped) {
		stopped(context);
	}
}

/* Takes one that is the same out of the plan. */
static bool is_planned(struct mirror_account **plan, const struct mirror_account *who)
{
	for (struct mirror_account **place = plan; *place; place = &(*place)->next) {
		struct mirror_account *found = *place;

		if (mirror_account_same(found, who)) {
			*place = found->next;
			mirror_account_free(found);
			return true;
		}
	}
	return false;
}

/* Ends what is no longer to be mirrored, and starts what is new; the others are left alone. */
static int follow(struct mirror *mirror, struct mirror_account *plan)
{
	struct mirrored *next;
	int error = 0;

	for (struct mirrored *account = mirror->accounts; account; account = next) {
		next = account->next;
		if (!account->ending && !is_planned(&plan, account->who)) {
			if (account->proof != PROOF_LOOP) {
				mirror_log_account(account, "ended, since its printers changed");
			}
			mirror_end_account(account);
		}
	}
	while (plan) {
		struct mirror_account *who = plan;

		plan = who->next;
		int failed = mirror_start_account(mirror, who);
		error = error ? error : failed;
	}
	mirror_state_changed(mirror);
	return error;
}

/* --- looks at the registry, on a thread --- */

/* Versions are of a connection: each of the readers has its own. */
static int64_t *version_of(struct mirror_look *look, const struct registry *registry)
{
	size_t i = 0;

	while (i + 1 < DATABASE_READERS_MAX && look->seen[i].registry &&
	       look->seen[i].registry != registry) {
		i++;
	}
	look->seen[i].registry = registry;
	return &look->seen[i].version;
}

static int read_look(struct database *database, void *context)
{
	struct mirror_look *look = &((struct mirror *)context)->look;
	struct registry *registry = registry_of(database);
	int64_t *seen = version_of(look, registry);
	/* Before it is read: what changes meanwhile is seen at the next look. */
	int64_t version = registry_version(registry);

	if (!look->stale && version == *seen) {
		return 0;
	}
	int error = mirror_plan_make(registry, was_refused, look->refusals, &look->plan);

	if (!error) {
		*seen = version;
	}
	return error ? error : 1;
}

static void on_plan(void *context, int result, const char *problem)
{
	struct mirror *mirror = context;

	(void)problem;
	mirror->look.runs = false;
	if (mirror->stops) {
		if (result > 0) {
			mirror_plan_free(mirror->look.plan);
		}
		mirror_free_if_over(mirror);
	} else if (result > 0) {
		/* Of what cannot be started, only a lack of memory passes before the next change.
		 */
		mirror->stale = follow(mirror, mirror->look.plan) == FLAGSHIP_ERROR_MEMORY;
	} else if (result < 0) {
		mirror->stale = true;
	}
}

static void on_look(uv_timer_t *timer)
{
	struct mirror *mirror = timer->data;
	struct mirror_look *look = &mirror->look;

	if (look->runs) {
		return;
	}
	look->stale = mirror->stale;
	look->refusals = mirror->refusals;
	look->plan = NULL;
	look->reading = (struct database_reading){
		.work = read_look, .done = on_plan, .context = mirror};
	look->runs = !database_readers_submit(mirror->service->readers, &look->reading);
	mirror->stale = mirror->stale && !look->runs;
}

int mirror_start(uv_loop_t *loop, struct registry_service *service,
		 const struct mirror_options *options, struct mirror **out)
{
	struct mirror *mirror = calloc(1, sizeof(*mirror));

	*out = NULL;
	if (!mirror) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	mirror->loop = loop;
	mirror->service = service;
	mirror->options = *options;
	mirror->stale = true;
	uv_timer_init(loop, &mirror->timer);
	mirror->timer.data = mirror;
	if (!options_copy(&mirror->options)) {
		mirror_stop(mirror, NULL, NULL);
		return FLAGSHIP_ERROR_MEMORY;
	}
	uv_timer_start(&mirror->timer, on_look, 0, LOOK_MS);
	*out = mirror;
	return 0;
}

static void on_timer_closed(uv_handle_t *timer)
{
	struct mirror *mirror = timer->data;

	mirror->timer_closed = true;
	mirror_free_if_over(mirror);
}

void mirror_stop(struct mirror *mirror, void (*stopped)(void *context), void *context)
{
	struct mirrored *next;

	if (!mirror) {
		if (stopped) {
			stopped(context);
		}
		return;
	}
	mirror->stops = true;
	mirror->stopped = stopped;
	mirror->stopped_context = context;
	for (struct mirrored *account = mirror->accounts; account; account = next) {
		next = account->next;
		mirror_end_account(account);
	}
	uv_close((uv_handle_t *)&mirror->timer, on_timer_closed);
}
