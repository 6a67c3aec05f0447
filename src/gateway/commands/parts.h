/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_COMMANDS_PARTS_H
#define GATEWAY_COMMANDS_PARTS_H

#include "gateway/accounts/accounts.h"
#include "gateway/backup/backup.h"
#include "gateway/cloud/cloud.h"

/* As accounts_create, with the programs of flagship that are found here. Errors: MEMORY. */
int account_work_create(uv_loop_t *loop, const struct accounts_options *options,
			struct accounts **accounts) __attribute__((warn_unused_result));

/* The same of gateway_cloud_create. */
int cloud_work_create(uv_loop_t *loop, const struct gateway_cloud_options *options,
		      struct gateway_cloud **cloud) __attribute__((warn_unused_result));

/* The same of backup_create. */
int backup_work_create(uv_loop_t *loop, const struct backup_options *options,
		       struct backup **backup) __attribute__((warn_unused_result));

#endif
