/* SPDX-License-Identifier: MIT */
#include "cli/setup/forget.h"

#include "base/clock.h"
#include "cli/control/ask.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/output/output.h"
#include "cli/target/choice.h"
#include "cli/target/stored.h"

#include <flagship/error.h>

#include <stdio.h>
#include <string.h>

#define QUESTION_MAX (STORE_TEXT_MAX + 256)

/* --- what is at stake --- */

/* Its service can be asked for its printers, as far as this machine knows. */
static bool can_be_asked(const struct store_account *account)
{
	int64_t expires_at = account->login.token_expires_at;

	return account->login.auth_token[0] != '\0' &&
	       (expires_at == 0 || expires_at > clock_unix_s());
}

struct stakes {
	bool returns; /* with the next list of an account's printers */
	bool has_key; /* which may exist nowhere else, unless it returns */
};

static struct stakes weigh(const struct store_accounts *accounts, const char *serial)
{
	struct stakes stakes = {0};

	for (size_t i = 0; i < accounts->count; i++) {
		const struct store_account *account = &accounts->accounts[i];

		for (size_t j = 0; j < account->printer_count; j++) {
			if (strcmp(account->printers[j].serial, serial) == 0) {
				stakes.returns = stakes.returns || can_be_asked(account);
				stakes.has_key = stakes.has_key ||
						 account->printers[j].key_hex[0] != '\0';
			}
		}
	}
	return stakes;
}

static int forget_ask(const struct store_accounts *accounts, const struct store_printer *printer)
{
	struct stakes stakes = weigh(accounts, printer->serial);
	const char *name = printer->name[0] != '\0' ? printer->name : printer->serial;
	char question[QUESTION_MAX];

	if (!stakes.returns && !stakes.has_key) {
		return OPTIONS_RUN;
	}
	snprintf(
		question, sizeof(question),
		stakes.returns
			? "%s comes again with the next list of its account's printers, unless it "
			  "is removed from that account, too. Forget it until then"
			: "The key of %s may exist nowhere else, and without it the printer cannot "
			  "be reached. Forget it",
		name);
	return control_ask_question(question);
}

/* --- forgetting --- */

static int forget_edit(void *context, struct store_accounts *accounts)
{
	store_accounts_remove_printer(accounts, context);
	return 0;
}

static void report_forgotten(const struct store_printer *printer)
{
	struct output output;

	output_init(&output, stdout);
	fputs("Forgot the printer ", stdout);
	if (printer->name[0] != '\0') {
		output_text(&output, OUTPUT_PLAIN, printer->name, strlen(printer->name), false);
		fputs(" (", stdout);
	}
	output_text(&output, OUTPUT_PLAIN, printer->serial, strlen(printer->serial), false);
	if (printer->name[0] != '\0') {
		fputs(")", stdout);
	}
	fputs(".\n", stdout);
}

static int forget_chosen(const struct store_accounts *accounts, const struct settings *settings,
			 const struct options_list *names, bool yes)
{
	struct target_choices choices = {0};
	int result = target_choices_make(&choices, accounts, settings, names, TARGETS_ONE, false);

	if (result == OPTIONS_RUN) {
		const struct store_printer *printer = choices.items[0].printer;
		char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];

		snprintf(serial, sizeof(serial), "%s", printer->serial);
		result = yes ? OPTIONS_RUN : forget_ask(accounts, printer);
		if (result == OPTIONS_RUN) {
			result = stored_accounts_update(forget_edit, serial);
		}
		if (result == OPTIONS_RUN) {
			report_forgotten(printer);
			result = CLI_DONE;
		}
	}
	target_choices_finish(&choices);
	return result;
}

int forget_printer(const struct options_list *names, bool yes)
{
	struct store_accounts accounts;
	struct settings *settings = NULL;
	int result = stored_accounts_load(&accounts);

	if (result == OPTIONS_RUN) {
		result = stored_settings_load(&settings);
	}
	if (result == OPTIONS_RUN) {
		result = forget_chosen(&accounts, settings, names, yes);
	}
	settings_destroy(settings);
	store_accounts_finish(&accounts);
	return result;
}
