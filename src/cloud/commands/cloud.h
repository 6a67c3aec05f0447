/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_COMMANDS_CLOUD_H
#define CLOUD_COMMANDS_CLOUD_H

#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cloud/registry/registry.h"
#include "daemon/run/bind.h"

#include <limits.h>
#include <stdint.h>

/* What the subcommands of `flagship cloud` share: the folder that holds everything. */

#define CLOUD_REGISTRY      "registry.sqlite"
#define CLOUD_CA            "ca.pem"
#define CLOUD_CA_KEY        "ca.key"
#define CLOUD_SERVICE_KEY   "service.key" /* of the password exchange */
#define CLOUD_CONFIGURATION "mosquitto.conf"
#define CLOUD_STATUS        "broker.status"
#define CLOUD_LOCK          "run.lock"  /* held while the cloud runs */
#define CLOUD_MAKING_LOCK   "init.lock" /* held while its files are made */

/* Settings in the registry. */
#define CLOUD_SETTING_MQTT_PORT   "mqtt_port"
#define CLOUD_SETTING_API_PORT    "api_port"
#define CLOUD_SETTING_BIND        "bind"        /* addresses, likewise (daemon/run/bind.h) */
#define CLOUD_SETTING_HOSTS       "hosts"       /* separated by spaces */
#define CLOUD_SETTING_CERTIFICATE "certificate" /* "ecdsa" or "rsa" */

#define CLOUD_BUSY_MS             5000

struct cloud_options {
	const char *dir;
};

/* --dir; its target is a struct cloud_options. */
extern const struct options_group cloud_options_group;

struct cloud {
	char dir[PATH_MAX];
	struct registry *registry;
};

/* Finds the folder, and makes it where told to, without looking into it. Otherwise as cloud_open.
 */
int cloud_choose_folder(struct cloud *cloud, const struct cloud_options *options, bool make);

/* Opens the folder's registry; REGISTRY_CREATE makes both. Mistakes are told on stderr. Returns
 * OPTIONS_RUN or an exit status; cloud_close is due either way. */
int cloud_open(struct cloud *cloud, const struct cloud_options *options, enum registry_mode mode);
void cloud_close(struct cloud *cloud);

/* A file of the folder. */
void cloud_path(const struct cloud *cloud, const char *name, char out[PATH_MAX]);

/* Tells what the registry says is wrong. Returns CLI_FAILED. */
int cloud_fail(const struct cloud *cloud, const char *what);

/* The account of this e-mail address; tells where there is none. OPTIONS_RUN or an exit status. */
int cloud_find_account(const struct cloud *cloud, const char *email,
		       struct registry_account *account);

/* The printer of this serial number, likewise. */
int cloud_find_printer(const struct cloud *cloud, const char *serial,
		       struct store_printer *printer);

/* A port of the settings; 0 where it is not set. */
uint16_t cloud_port(const struct cloud *cloud, const char *setting);

/* "" where it is not set. */
void cloud_setting(const struct cloud *cloud, const char *setting, char out[REGISTRY_TEXT_MAX]);

/* Where broker and API listen. Told where the setting cannot be read. OPTIONS_RUN or an exit
 * status. */
int cloud_read_bind(const struct cloud *cloud, struct bind *bind);

/* One line of stdin without its end; on a terminal it is asked for twice, unseen. The caller wipes
 * it. Returns OPTIONS_RUN or an exit status. */
int cloud_read_secret(const char *what, char *out, size_t capacity);

int64_t cloud_now_s(void);

struct broker_status;

/* What the broker tells of itself, for broker_status_close; NULL where the cloud does not run. */
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
