/* SPDX-License-Identifier: MIT */
#ifndef CLI_TARGET_CHOICE_H
#define CLI_TARGET_CHOICE_H

#include "cli/target/targets.h"
#include "store/accounts/accounts.h"

/* Which of the stored printers a name means. */

struct target_choice {
	const struct store_account *account;
	const struct store_printer *printer;
	size_t number; /* in the list of all */
};

struct target_choices {
	struct target_choice *items;
	size_t count;
};

/* All of them, in the order that numbers them; a printer that several accounts share comes once. */
void target_choices_all(struct target_choices *choices, const struct store_accounts *accounts);

/* names: as -p takes them; none for the only one, or for TARGETS_MANY for all. preset: they are of
 * the settings, not of the command line. Mistakes are reported with the printers there are. At
 * least one after OPTIONS_RUN; else an exit status. target_choices_finish is due. */
int target_choices_make(struct target_choices *choices, const struct store_accounts *accounts,
			const struct settings *settings, const struct options_list *names,
			enum target_many many, bool preset);
void target_choices_finish(struct target_choices *choices);

/* Says why there is no printer at all, and what to do. */
void target_choices_explain_none(const struct store_accounts *accounts);

/*
 * The account that a word names: its user id, its e-mail address in either case, its number in
 * `flagship accounts`, or the unique beginning of its user id, in this order. NULL, told on stderr
 * with what there is, where it names none or several.
 */
struct store_account *account_choose(struct store_accounts *accounts, const char *word);

/* There is no account at all: says how to get one. */
void account_explain_none(void);

#endif
