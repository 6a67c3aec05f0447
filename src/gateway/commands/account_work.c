/* SPDX-License-Identifier: MIT */
#include "gateway/commands/account_work.h"

#include "cli/kit/external.h"

int account_work_create(uv_loop_t *loop, const struct accounts_options *options,
			struct accounts **accounts)
{
	char account_program[PATH_MAX];
	char main_program[PATH_MAX];
	struct accounts_options whole = *options;

	/* One that is not there is reported to who wants it. */
	whole.account_program = external_find("account", account_program) ? account_program
									  : "flagship-account";
	whole.main_program = external_find_main(main_program) ? main_program : "flagship";
	return accounts_create(loop, &whole, accounts);
}

int backup_work_create(uv_loop_t *loop, const struct backup_options *options,
		       struct backup **backup)
{
	char program[PATH_MAX];
	struct backup_options whole = *options;

	whole.program = external_find("serve", program) ? program : "flagship-serve";
	return backup_create(loop, &whole, backup);
}

int camera_work_create(uv_loop_t *loop, const struct cameras_options *options,
		       struct cameras **cameras)
{
	char program[PATH_MAX];
	struct cameras_options whole = *options;

	whole.picture_program = external_find("picture", program) ? program : "flagship-picture";
	return cameras_create(loop, &whole, cameras);
}
