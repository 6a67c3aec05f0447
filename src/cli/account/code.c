/* SPDX-License-Identifier: MIT */
#include "cli/account/commands.h"

#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/kit/prompt.h"
#include "cli/kit/redact.h"
#include "cli/output/print.h"

#include <flagship/account.h>

#include <stdio.h>
#include <string.h>

#define QUESTION_MAX (FLAGSHIP_ACCOUNT_FIELD_MAX + 64)

int code_ask(const char *email, enum login_code_reason reason, char code[LOGIN_CODE_MAX])
{
	static const char *const notes[] = {
		[LOGIN_CODE_SENT] = "the account is protected by a second factor: the vendor has "
				    "mailed a code",
		[LOGIN_CODE_WRONG] = "that was not the code",
		[LOGIN_CODE_EXPIRED] = "that code came too late: the vendor has mailed another one",
	};
	char address[FLAGSHIP_ACCOUNT_FIELD_MAX];
	char question[QUESTION_MAX];

	print_to(stderr, "flagship: %s\n", notes[reason]);
	snprintf(question, sizeof(question), "Code that the vendor sent to %s",
		 redact_email(&(struct redact_options){0}, email, address, sizeof(address)));
	int result = prompt_line(question, "code", true, code, LOGIN_CODE_MAX);
	if (result != OPTIONS_RUN) {
		return result;
	}
	if (code[strspn(code, " \t")] == '\0') {
		cli_error("no code was given, so nobody is logged in");
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}
