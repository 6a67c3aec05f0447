/* SPDX-License-Identifier: MIT */
#include "gateway/cloud/internal.h"

#include <stdio.h>
#include <stdlib.h>

/* A printer of the cloud that took another name by a command of somebody who may operate it: the
 * cloud calls it so, as flagship cloud set-printer does. Nobody's request waits for it here. */

#define ENDING_MS 1500 /* what it may take beside a gateway that ends */

struct renaming {
	struct list place;
	struct program *child;
	gateway_named *named;
	void *context;
};

static const char *failure_of(const struct program_end *end)
{
	switch (end->ending) {
	case PROGRAM_TIMED_OUT:
		return "it took too long, and was ended: try again";
	case PROGRAM_TALKED_TOO_MUCH:
	case PROGRAM_CRASHED:
		return "the program that does this ended all of a sudden";
	case PROGRAM_EXITED:
		break;
	}
	if (end->status == 0) {
		return NULL;
	}
	return end->reason[0] != '\0' ? end->reason : "the program that does this does not say why";
}

static void on_renaming_end(void *context, const struct program_end *end)
{
	struct renaming *renaming = context;
	gateway_named *named = renaming->named;
	void *named_context = renaming->context;

	list_remove(&renaming->place);
	free(renaming);
	named(named_context, failure_of(end));
}

static void make_words(const char *folder, const char *serial, const char *name,
		       struct call_words *words)
{
	*words = (struct call_words){0};
	snprintf(words->folder, sizeof(words->folder), "--dir=%s", folder);
	call_add_word(words, "cloud");
	call_add_word(words, "set-printer");
	call_add_word(words, words->folder);
	call_add_option(words, "name", name);
	call_add_word(words, serial);
}

/* NULL where it is under way. */
static const char *begin_renaming(struct gateway_cloud *cloud, const struct call_words *words,
				  struct renaming *renaming, struct problem *problem)
{
	const struct program_options options = {
		.program = cloud->main_program,
		.arguments = words->words,
		.timeout_ms = cloud->stopped ? ENDING_MS : cloud->timeout_ms,
		.on_end = on_renaming_end,
		.context = renaming,
	};

	if (program_start(cloud->loop, &options, &renaming->child, problem)) {
		return problem->text;
	}
	list_insert(&cloud->renamings, &renaming->place);
	program_end_input(renaming->child);
	return NULL;
}

void gateway_cloud_rename(struct gateway_cloud *cloud, const char *serial, const char *name,
			  gateway_named *named, void *context)
{
	struct renaming *renaming;
	struct call_words words;
	struct problem problem;
	char folder[PATH_MAX];

	/* It may be another one now than that which has the printer. */
	if (!gateway_printers_cloud_folder(cloud->printers, folder)) {
		named(context, "this gateway is told to look for none");
		return;
	}
	renaming = calloc(1, sizeof(*renaming));
	if (!renaming) {
		named(context, "out of memory");
		return;
	}
	*renaming = (struct renaming){.named = named, .context = context};
	make_words(folder, serial, name, &words);
	const char *why = begin_renaming(cloud, &words, renaming, &problem);
	if (why) {
		free(renaming);
		named(context, why);
	}
}

void rename_stop_all(struct gateway_cloud *cloud)
{
	for (struct list *at = cloud->renamings.next; at != &cloud->renamings; at = at->next) {
		program_set_timeout(LIST_OF(at, struct renaming, place)->child, ENDING_MS);
	}
}
