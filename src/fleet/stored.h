/* SPDX-License-Identifier: MIT */
#ifndef FLEET_STORED_H
#define FLEET_STORED_H

#include "printer/command/command.h"
#include "printer/profile.h"
#include "store/accounts/accounts.h"
#include "store/settings/settings.h"

/* What a fleet is given of what is stored. */

/* What the account may do with a printer that is shared with it (protocol.md 4, Shared printers).
 * NULL, which is a printer that is not stored, lacks nothing. */
struct command_rights stored_rights(const struct store_printer *printer);

/*
 * The profile of the model, with what the settings change in it. A value that does not fit is left
 * out, and reported: "the setting m5.confirm_ms does not take 'x'; it is ignored". `ignored` may be
 * NULL.
 */
void stored_profile(const struct settings *settings, const char *serial, enum flagship_model model,
		    struct printer_profile *profile,
		    void (*ignored)(void *context, const char *line), void *context);

#endif
