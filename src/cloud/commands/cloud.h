/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_COMMANDS_CLOUD_H
#define CLOUD_COMMANDS_CLOUD_H

#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cloud/place/place.h"

#include <limits.h>
#include <stdint.h>

/* What the subcommands of `flagship cloud` share: the folder that holds everything. */

#define CLOUD_BUSY_MS 5000

struct cloud_options {
	const char *dir;
};

/* --dir; its target is a struct cloud_options. */
extern const struct options_group cloud_options_group;

/* Finds the folder, and makes it where `make` is set, without looking into it. Otherwise as
 * cloud_open.
 */
int cloud_choose_folder(struct cloud *cloud, const struct cloud_options *options, bool make);

/* Opens the folder's registry; REGISTRY_CREATE makes both. Mistakes are reported on stderr. Returns
 * OPTIONS_RUN or an exit status; cloud_close is due either way. */
int cloud_open(struct cloud *cloud, const struct cloud_options *options, enum registry_mode mode);
void cloud_close(struct cloud *cloud);

/* Reports what the registry has as its problem. Returns CLI_FAILED. */
int cloud_fail(const struct cloud *cloud, const char *what);

/* Reports that a file cannot be "read", "written" …, with the text of an errno. Returns CLI_FAILED.
 */
int cloud_fail_file(const char *path, const char *what, int error);

/* The account of this e-mail address; reports where there is none. OPTIONS_RUN or an exit status.
 */
int cloud_find_account(const struct cloud *cloud, const char *email,
		       struct registry_account *account);

/* The printer of this serial number, likewise. */
int cloud_find_printer(const struct cloud *cloud, const char *serial,
		       struct registry_printer *printer);

/* cloud_read_bind with its mistakes reported. OPTIONS_RUN or an exit status. */
int cloud_find_bind(const struct cloud *cloud, struct bind *bind);

/* Where the broker's plugin is; reported where it is not installed. OPTIONS_RUN or an exit status.
 */
int cloud_find_plugin(char path[PATH_MAX]);

struct broker_bounds; /* cloud/broker/configuration.h */

/* broker_write_configuration with the plugin that comes with this program; mistakes are reported.
 * OPTIONS_RUN or an exit status. */
int cloud_configure_broker(const struct cloud *cloud, const struct broker_bounds *bounds,
			   const char *folder);

/* cloud_lock_making, reported where it cannot be had. Returns a descriptor to be closed, or -1. */
int cloud_begin_making(const struct cloud *cloud);

int64_t cloud_now_s(void);

struct broker_status;

/* What the broker reports of itself, for broker_status_close; NULL where the cloud does not run. */
const struct broker_status *cloud_running_status(const struct cloud *cloud);

/* The commands, one or a few per file. */
extern const struct cli_command cloud_init_command;
extern const struct cli_command cloud_run_command;
extern const struct cli_command cloud_status_command;
extern const struct cli_command cloud_list_command;
extern const struct cli_command cloud_add_account_command;
extern const struct cli_command cloud_set_account_command;
extern const struct cli_command cloud_remove_account_command;
extern const struct cli_command cloud_add_printer_command;
extern const struct cli_command cloud_set_printer_command;
extern const struct cli_command cloud_remove_printer_command;
extern const struct cli_command cloud_share_command;
extern const struct cli_command cloud_unshare_command;
extern const struct cli_command cloud_adopt_command;
extern const struct cli_command cloud_pair_command;
extern const struct cli_command cloud_tokens_command;
extern const struct cli_command cloud_export_command;
extern const struct cli_command cloud_export_login_command;
extern const struct cli_command cloud_backup_command;
extern const struct cli_command cloud_restore_command;
extern const struct cli_command cloud_takeover_command;
extern const struct cli_command cloud_cluster_command;

#endif
