/* SPDX-License-Identifier: MIT */
#ifndef CLI_ACCOUNT_LOOK_H
#define CLI_ACCOUNT_LOOK_H

#include "cli/account/service.h"

/*
 * `flagship login --look`: who answers at the --api, link by link, before anything is trusted or
 * said there. What is found is printed, as JSON where a program asks. Returns CLI_DONE where it is
 * a flagship cloud whose certificate is good, else another status after trouble that was reported.
 */
int look_at_service(const struct service_options *options, const struct service_settings *settings,
		    bool for_program) __attribute__((warn_unused_result));

#endif
