/* SPDX-License-Identifier: MIT */
#include "cli/target/targets.h"

#include "cli/kit/cli.h"
#include "cli/output/print.h"
#include "cli/target/choice.h"
#include "cli/target/stored.h"
#include "fleet/attach/frame.h"
#include "fleet/stored.h"
#include "store/file/paths.h"

#include <flagship/account.h>
#include <flagship/flagship.h>

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#define GATEWAY_VARIABLE "FLAGSHIP_GATEWAY"
#define GATEWAY_SOCKET   "/serve/" ATTACH_SOCKET_NAME /* below the folder of states */

static bool is_harmless(const char *name)
{
	for (; *name != '\0'; name++) {
		if ((unsigned char)*name < ' ' || *name == '\x7f') {
			return false;
		}
	}
	return true;
}

int help_print_printers(FILE *out)
{
	struct targets targets;
	int result = targets_init_offline(&targets, &(struct options_list){0});

	for (size_t i = 0; result == OPTIONS_RUN && i < targets.count; i++) {
		const char *name = targets.printers[i].name;

		print_data(out, "%s\t%s\n", targets.printers[i].serial,
			   name && is_harmless(name) ? name : "");
	}
	for (size_t i = 0; result == OPTIONS_RUN && i < settings_group_count(targets.settings);
	     i++) {
		print_data(out, "%s\t\n", settings_group_name(targets.settings, i));
	}
	targets_finish(&targets);
	return result == OPTIONS_RUN ? CLI_DONE : result;
}

static const struct options_option target_table[] = {
	{.name = "printer",
	 .letter = 'p',
	 .kind = OPTIONS_LIST,
	 .joined = true,
	 .value = "NAME,...",
	 .help = "which printers: names, serial numbers, beginnings of either, globs, numbers, "
		 "groups of the settings, or all; may be repeated",
	 .offset = offsetof(struct target_options, printers)},
	{.name = "direct",
	 .kind = OPTIONS_FLAG,
	 .help = "log in at the broker even where flagship serve runs, and do not go by it",
	 .offset = offsetof(struct target_options, direct)},
};

const struct options_group target_options_group = OPTIONS_GROUP_SHARED("Printer", target_table);

static int out_of_memory(void)
{
	cli_error("%s", flagship_strerror(FLAGSHIP_ERROR_MEMORY));
	return CLI_FAILED;
}

static void warn(void *context, const char *line)
{
	(void)context;
	cli_warn("%s", line);
}

static void set_profile(const struct targets *targets, struct target *target)
{
	target->profile = &targets->profiles[target - targets->printers];
	stored_profile(targets->settings, target->serial, target->model, target->profile, warn,
		       NULL);
}

void targets_learn_model(const struct targets *targets, struct target *target,
			 enum flagship_model model)
{
	target->model = model;
	set_profile(targets, target);
}

static int allocate(struct targets *targets, size_t count)
{
	targets->printers = calloc(count, sizeof(*targets->printers));
	targets->logins = calloc(count, sizeof(*targets->logins));
	targets->connections = calloc(count, sizeof(*targets->connections));
	targets->profiles = calloc(count, sizeof(*targets->profiles));
	return targets->printers && targets->logins && targets->connections && targets->profiles
		       ? OPTIONS_RUN
		       : out_of_memory();
}

static const char *setting_or_null(const struct targets *targets, const char *section,
				   const char *name)
{
	const char *value = settings_get(targets->settings, section, name);

	return value[0] != '\0' ? value : NULL;
}

/* --- who commands say that they are --- */

static const char *text_or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static void set_identity(const struct targets *targets, struct target *target)
{
	const struct store_account *account = target->account;

	if (account) {
		const char *email = account->login.email;

		struct target_login *login = &targets->logins[target->login];

		snprintf(login->email_user, sizeof(login->email_user), "%.*s",
			 (int)strcspn(email, "@"), email);
		target->user_id = text_or_null(account->login.user_id);
		target->user_name = text_or_null(account->login.nick_name);
		if (!target->user_name) {
			target->user_name = text_or_null(login->email_user);
		}
	}
	if (!target->user_id) {
		target->user_id = setting_or_null(targets, "account", "user_id");
	}
	if (!target->user_name) {
		target->user_name = setting_or_null(targets, "account", "user_name");
	}
}

void target_fill_request(const struct target *target, struct command_request *request)
{
	request->user_id = target->user_id;
	request->user_name = target->user_name;
}

/* --- one printer, as the command line says --- */

/* What neither option says, the settings may. */
static void fill_connection(const struct targets *targets, struct connection_options *options)
{
	bool has_trust = options->ca || options->pin || options->insecure;

	if (!options->broker) {
		options->broker = setting_or_null(targets, "broker", "url");
		if (!has_trust && options->broker) {
			options->ca = setting_or_null(targets, "broker", "ca");
			options->pin = setting_or_null(targets, "broker", "pin");
		}
	}
}

static int init_direct(struct targets *targets, struct target_options *options)
{
	int result = allocate(targets, 1);

	if (result != OPTIONS_RUN) {
		return result;
	}
	struct connection *connection = &targets->connections[0];
	struct target *target = &targets->printers[0];
	targets->login_count = 1;
	fill_connection(targets, &options->connection);
	result = connection_init(connection, &options->connection, &options->key);
	if (result != OPTIONS_RUN) {
		return result;
	}
	targets->count = 1;
	*target = (struct target){
		.serial = connection->serial,
		.model = connection->model,
		.key = connection->key,
		.user_id = connection->user_id,
	};
	set_identity(targets, target);
	set_profile(targets, target);
	targets->logins[0] = (struct target_login){
		.session = connection_session_options(connection), .user_id = connection->user_id};
	snprintf(targets->logins[0].endpoint, sizeof(targets->logins[0].endpoint), "%s",
		 connection->endpoint);
	return OPTIONS_RUN;
}

/* --- printers of the store --- */

/* A login at the account's broker, or at the one that is given in its place. */
static int init_login(struct targets *targets, const struct target_options *options,
		      const struct store_account *account, size_t index)
{
	struct connection *connection = &targets->connections[index];
	struct target_login *login = &targets->logins[index];
	struct connection_options given = options->connection;
	char broker[STORE_TEXT_MAX];

	if (!options->accounts_file) {
		fill_connection(targets, &given);
	}
	if (!given.broker) {
		store_account_broker(account, broker);
		given.broker = broker;
		/* What the account trusts belongs to the broker that it names. */
		if (account->broker[0] != '\0' && !given.ca && !given.pin && !given.insecure) {
			given.ca = account->ca_file[0] != '\0' ? account->ca_file : NULL;
			given.pin = account->pin[0] != '\0' && !given.ca ? account->pin : NULL;
		}
	}
	int result = connection_init_login(connection, &given);
	if (result != OPTIONS_RUN) {
		return result;
	}
	if (!given.username) {
		store_account_mqtt_username(account, connection->stored_username);
		connection->username = connection->stored_username;
		store_account_mqtt_password(account, connection->password);
		connection->has_password = true;
	}
	*login = (struct target_login){
		.session = connection_session_options(connection),
		.user_id = account->login.user_id,
		.account = account,
	};
	snprintf(login->endpoint, sizeof(login->endpoint), "%s", connection->endpoint);
	return OPTIONS_RUN;
}

static int find_login(struct targets *targets, const struct target_options *options,
		      const struct store_account *account, size_t *index)
{
	for (size_t i = 0; i < targets->login_count; i++) {
		if (targets->logins[i].account == account) {
			*index = i;
			return OPTIONS_RUN;
		}
	}
	*index = targets->login_count;
	/* Counted first: it is to be finished after a failure too. */
	targets->login_count++;
	int result = init_login(targets, options, account, *index);
	return result;
}

static const char *label(const char *name, const char *serial, char out[TARGET_LABEL_MAX])
{
	if (name[0] != '\0') {
		snprintf(out, TARGET_LABEL_MAX, "%s (%s)", name, serial);
	} else {
		snprintf(out, TARGET_LABEL_MAX, "%s", serial);
	}
	return out;
}

static int load_key(const struct store_printer *stored, struct target_options *options,
		    struct flagship_key **key, bool *given)
{
	char name[TARGET_LABEL_MAX];
	int result = key_options_load(&options->key, key);

	*given = *key != NULL;
	if (result != OPTIONS_RUN || *given) {
		return result;
	}
	if (stored->key_hex[0] == '\0') {
		cli_error("printer %s: its key is not known; run flagship refresh",
			  label(stored->name, stored->serial, name));
		return CLI_NOT_CONFIGURED;
	}
	int error = flagship_key_create_hex(stored->key_hex, strlen(stored->key_hex), key);
	if (error) {
		cli_error("printer %s: the stored key cannot be used: %s; run flagship refresh",
			  label(stored->name, stored->serial, name), flagship_strerror(error));
		return CLI_NOT_CONFIGURED;
	}
	return OPTIONS_RUN;
}

static int add_stored(struct targets *targets, struct target_options *options,
		      const struct target_choice *choice)
{
	struct target *target = &targets->printers[targets->count];
	int result = find_login(targets, options, choice->account, &target->login);

	if (result != OPTIONS_RUN) {
		return result;
	}
	result = load_key(choice->printer, options, &target->key, &target->key_given);
	if (result != OPTIONS_RUN) {
		return result;
	}
	targets->count++;
	target->serial = choice->printer->serial;
	target->number = choice->number;
	target->name = choice->printer->name[0] != '\0' ? choice->printer->name : NULL;
	target->model = options->connection.model != CONNECTION_MODEL_UNSET
				? connection_model(&options->connection)
				: choice->printer->model;
	target->account = choice->account;
	target->stored = choice->printer;
	set_identity(targets, target);
	set_profile(targets, target);
	return OPTIONS_RUN;
}

/* Whether the command line says where to go, or as whom: then no gateway is asked. */
static bool says_way(const struct target_options *options)
{
	const struct connection_options *given = &options->connection;

	return options->direct || options->accounts_file || given->broker || given->ca ||
	       given->pin || given->insecure || given->username || given->password_file ||
	       given->user_id || given->mqtt5 || given->model != CONNECTION_MODEL_UNSET;
}

/* The socket of the gateway that serves the accounts of this user. */
static bool find_gateway(char out[PATH_MAX])
{
	const char *given = getenv(GATEWAY_VARIABLE);
	char state[PATH_MAX];
	int length = 0;

	if (given) {
		length = snprintf(out, PATH_MAX, "%s", given);
	} else if (store_state_folder(state)) {
		length = snprintf(out, PATH_MAX, "%s" GATEWAY_SOCKET, state);
	}
	return length > 0 && length < PATH_MAX;
}

/* A login with a key of the command line's own is not the gateway's. */
static void choose_gateway(struct targets *targets, const struct target_options *options)
{
	if (says_way(options) || !find_gateway(targets->gateway)) {
		targets->gateway[0] = '\0';
		return;
	}
	for (size_t i = 0; i < targets->login_count; i++) {
		targets->logins[i].by_gateway = true;
	}
	for (size_t i = 0; i < targets->count; i++) {
		const struct target *target = &targets->printers[i];

		if (target->key_given) {
			targets->logins[target->login].by_gateway = false;
		}
	}
}

static int init_stored(struct targets *targets, struct target_options *options,
		       enum target_many many)
{
	struct target_choices choices;
	struct options_list names = options->printers;
	const char *preset = settings_get(targets->settings, "printer", "default");
	bool by_setting = names.count == 0 && preset[0] != '\0';

	if (by_setting) {
		names = (struct options_list){.items = {preset}, .count = 1};
	}
	int result = target_choices_make(&choices, &targets->accounts, targets->settings, &names,
					 many, by_setting);
	if (result == CLI_USAGE && by_setting) {
		cli_error(
			"'%s' is the setting printer.default: flagship config set printer.default "
			"changes it",
			preset);
	}
	if (result == OPTIONS_RUN) {
		result = allocate(targets, choices.count);
	}
	for (size_t i = 0; result == OPTIONS_RUN && i < choices.count; i++) {
		result = add_stored(targets, options, &choices.items[i]);
	}
	target_choices_finish(&choices);
	if (result == OPTIONS_RUN) {
		choose_gateway(targets, options);
	}
	return result;
}

/* --serial without a broker: a printer that is stored, or something is missing. */
static int init_serial(struct targets *targets, struct target_options *options,
		       enum target_many many)
{
	for (size_t a = 0; a < targets->accounts.count; a++) {
		const struct store_account *account = &targets->accounts.accounts[a];

		for (size_t p = 0; p < account->printer_count; p++) {
			if (strcmp(account->printers[p].serial, options->connection.serial) == 0) {
				options->printers = (struct options_list){
					.items = {options->connection.serial}, .count = 1};
				return init_stored(targets, options, many);
			}
		}
	}
	return init_direct(targets, options);
}

static void load_timeout(struct targets *targets, const struct connection_options *options)
{
	const char *text = settings_get(targets->settings, "cli", "timeout");

	targets->timeout_given = options->timeout_ms != CONNECTION_TIMEOUT_UNSET;
	if (!options_read_duration(text, &targets->answer_ms) || targets->answer_ms < 1) {
		targets->answer_ms = CONNECTION_TIMEOUT_MS;
	}
	targets->timeout_ms = targets->timeout_given ? options->timeout_ms : targets->answer_ms;
	if (targets->timeout_ms < targets->answer_ms) {
		targets->answer_ms = targets->timeout_ms;
	}
}

const char *target_label(const struct target *target, char out[TARGET_LABEL_MAX])
{
	return label(target->name ? target->name : "", target->serial, out);
}

void target_options_default_all(struct target_options *options)
{
	if (options->printers.count == 0 && !options->connection.serial) {
		options->printers = (struct options_list){.items = {"all"}, .count = 1};
	}
}

int targets_init(struct targets *targets, struct target_options *options, enum target_many many)
{
	*targets = (struct targets){0};
	if (options->printers.count > 0 && options->connection.serial) {
		cli_error("-p names a printer that is known here, --serial any other: give one");
		return CLI_USAGE;
	}
	int result = stored_settings_load(&targets->settings);
	if (result != OPTIONS_RUN) {
		return result;
	}
	load_timeout(targets, &options->connection);
	if (options->connection.serial &&
	    (options->connection.broker || setting_or_null(targets, "broker", "url"))) {
		return init_direct(targets, options);
	}
	result = stored_accounts_load_file(options->accounts_file, &targets->accounts);
	if (result == OPTIONS_RUN && options->connection.serial) {
		return init_serial(targets, options, many);
	}
	/* With a broker alone, what is missing is the printer. */
	if (result == OPTIONS_RUN && options->printers.count == 0 && options->connection.broker &&
	    targets->accounts.count == 0) {
		return init_direct(targets, options);
	}
	return result == OPTIONS_RUN ? init_stored(targets, options, many) : result;
}

/* All without names; none where none is stored. */
static int choose_offline(const struct targets *targets, const struct options_list *names,
			  struct target_choices *choices)
{
	if (names->count > 0) {
		return target_choices_make(choices, &targets->accounts, targets->settings, names,
					   TARGETS_MANY, false);
	}
	target_choices_all(choices, &targets->accounts);
	return choices->items ? OPTIONS_RUN : out_of_memory();
}

int targets_init_offline(struct targets *targets, const struct options_list *names)
{
	struct target_choices choices = {0};

	*targets = (struct targets){0};
	int result = stored_settings_load(&targets->settings);
	if (result == OPTIONS_RUN) {
		result = stored_accounts_load(&targets->accounts);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = choose_offline(targets, names, &choices);
	if (result == OPTIONS_RUN && choices.count > 0) {
		result = allocate(targets, choices.count);
	}
	for (size_t i = 0; result == OPTIONS_RUN && i < choices.count; i++) {
		const struct store_printer *stored = choices.items[i].printer;

		targets->printers[targets->count++] = (struct target){
			.serial = stored->serial,
			.number = choices.items[i].number,
			.name = stored->name[0] != '\0' ? stored->name : NULL,
			.model = stored->model,
			.account = choices.items[i].account,
			.stored = stored,
		};
	}
	target_choices_finish(&choices);
	return result;
}

void targets_finish(struct targets *targets)
{
	bool direct = targets->count > 0 && !targets->printers[0].stored;

	/* The key of a direct printer is its connection's. */
	for (size_t i = 0; !direct && i < targets->count; i++) {
		flagship_key_destroy(targets->printers[i].key);
	}
	for (size_t i = 0; i < targets->login_count; i++) {
		connection_finish(&targets->connections[i]);
	}
	free(targets->printers);
	free(targets->logins);
	free(targets->connections);
	free(targets->profiles);
	store_accounts_finish(&targets->accounts);
	settings_destroy(targets->settings);
	*targets = (struct targets){0};
}
