/* SPDX-License-Identifier: MIT */
#include "gateway/commands/people.h"

#include "base/clock.h"
#include "cli/kit/options.h"
#include "cli/kit/prompt.h"
#include "cli/output/print.h"
#include "gateway/access/book.h"
#include "gateway/commands/asked_keys.h"
#include "gateway/commands/options.h"
#include "store/file/folder.h"

#include <flagship/account.h>
#include <flagship/flagship.h>

#include <limits.h>
#include <openssl/crypto.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*
 * Users and keys of a gateway, in its folder: one that runs takes them over at once. Who can write
 * there is its owner, and needs no password.
 */
struct people_options {
	const char *dir;
	int role; /* an enum access_role, less ACCESS_VIEWER; -1: not given */
	struct options_list printers;
	bool all_printers;
	bool digest;
	const char *expires;
	/* Of these: */
	int64_t expires_in_s; /* 0: never */
	char folder[PATH_MAX];
	char path[PATH_MAX];
	char words[ACCESS_TEXT_MAX];
};

#define DECIMAL       10
#define EXPIRY_DIGITS 6
#define EXPIRY_SIZE   64

#define PLACE(member) offsetof(struct people_options, member)

static const char *const roles[] = {"viewer", "operator", "admin", NULL};

#define ROLE_OPTION                                                                       \
	{                                                                                 \
		.name = "role", .kind = OPTIONS_CHOICE, .choices = roles,                 \
		.help = "what it may do: see; see and command; all, with users and keys", \
		.offset = PLACE(role)                                                     \
	}
#define PRINTER_OPTION                                                                       \
	{                                                                                    \
		.name = "printer", .kind = OPTIONS_LIST, .value = "SERIAL",                  \
		.help = "only this printer, by serial number; several times for more (all)", \
		.offset = PLACE(printers)                                                    \
	}
#define DIR_OPTION                                                                             \
	{                                                                                      \
		.name = "dir", .kind = OPTIONS_FILE, .value = "FOLDER",                        \
		.help = "of the gateway (~/.local/state/flagship/serve)", .offset = PLACE(dir) \
	}

#define ALL_PRINTERS_OPTION(when)                                             \
	{                                                                     \
		.name = "all-printers", .kind = OPTIONS_FLAG, .help = (when), \
		.offset = PLACE(all_printers)                                 \
	}

static const struct options_option user_table[] = {
	ROLE_OPTION, PRINTER_OPTION, ALL_PRINTERS_OPTION("with set: all printers again"),
	DIR_OPTION};
static const struct options_option key_table[] = {
	ROLE_OPTION,
	PRINTER_OPTION,
	ALL_PRINTERS_OPTION("with accept: all printers, and not the one that was asked"),
	{.name = "digest",
	 .kind = OPTIONS_FLAG,
	 .help = "for programs that log in to PrusaLink by HTTP Digest, as user maker",
	 .offset = PLACE(digest)},
	{.name = "expires",
	 .kind = OPTIONS_TEXT,
	 .value = "TIME",
	 .help = "with add: from when on it is none, as 12h, 30d or 52w (never)",
	 .offset = PLACE(expires)},
	DIR_OPTION};

static const struct options_group user_group = OPTIONS_GROUP("Options", user_table);
static const struct options_group key_group = OPTIONS_GROUP("Options", key_table);

/* --- common --- */

static int find_file(struct people_options *options)
{
	struct serve_options serve = {.dir = options->dir};
	struct problem problem;
	int result = serve_options_find_folder(&serve);

	if (result != OPTIONS_RUN) {
		return result;
	}
	memcpy(options->folder, serve.folder, sizeof(options->folder));
	if ((size_t)snprintf(options->path, sizeof(options->path), "%s/" ACCESS_FILE,
			     serve.folder) >= sizeof(options->path)) {
		cli_error("--dir: this path is too long");
		return CLI_USAGE;
	}
	if (store_folder_make_of(options->path, &problem) ||
	    store_folder_check_of(options->path, &problem)) {
		cli_error("%s", problem.text);
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

static int join_printers(struct people_options *options)
{
	size_t used = 0;

	for (size_t i = 0; i < options->printers.count; i++) {
		const char *serial = options->printers.items[i];
		int length = snprintf(options->words + used, sizeof(options->words) - used, "%s%s",
				      used > 0 ? " " : "", serial);

		if (strchr(serial, ' ') || length < 0 ||
		    used + (size_t)length >= sizeof(options->words) ||
		    !access_printers_valid(serial)) {
			cli_error("--printer '%s': this is no serial number: flagship printers "
				  "lists them",
				  serial);
			return CLI_USAGE;
		}
		used += (size_t)length;
	}
	return OPTIONS_RUN;
}

static int read_expiry(struct people_options *options)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	const char *text = options->expires;
	size_t digits = text ? strspn(text, "0123456789") : 0;

	if (!text) {
		return OPTIONS_RUN;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (digits > 0 && digits <= EXPIRY_DIGITS && text[digits] == units[i].unit &&
		    text[digits + 1] == '\0') {
			options->expires_in_s = strtol(text, NULL, DECIMAL) * units[i].seconds;
		}
	}
	if (options->expires_in_s < ACCESS_EXPIRY_MIN_S ||
	    options->expires_in_s > ACCESS_EXPIRY_MAX_S) {
		cli_error(
			"--expires '%s': say how long, from a minute to ten years, as 12h, 30d or "
			"52w",
			text);
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

static int apply_change(const struct people_options *options, access_apply *apply,
			struct access_change *change)
{
	const char *refusal;
	struct problem problem;

	if (access_book_change(options->path, true, apply, change, &refusal, &problem)) {
		cli_error("%s", problem.text);
		return CLI_FAILED;
	}
	if (refusal) {
		cli_error("%s", refusal);
		return CLI_FAILED;
	}
	return CLI_DONE;
}

static int load_book(const struct people_options *options, struct access_book *book)
{
	struct problem problem;

	if (access_book_load(options->path, book, &problem)) {
		cli_error("%s", problem.text);
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

static int read_password(const char *name, char hash[PASSWORD_HASH_SIZE])
{
	char password[FLAGSHIP_LOGIN_PASSWORD_MAX + 2];
	int result = prompt_new_secret("password", password, sizeof(password));

	if (result == OPTIONS_RUN &&
	    (strlen(password) < ACCESS_PASSWORD_MIN || strcmp(password, name) == 0)) {
		cli_error("a password has at least %d characters, and is not the name",
			  ACCESS_PASSWORD_MIN);
		result = CLI_USAGE;
	}
	if (result == OPTIONS_RUN && password_hash(password, hash)) {
		cli_error("the password cannot be kept: it is too long, or memory is short");
		result = CLI_FAILED;
	}
	OPENSSL_cleanse(password, sizeof(password));
	return result;
}

static void fill_change(const struct people_options *options, const char *name,
			struct access_change *change)
{
	*change = (struct access_change){
		.name = name,
		.role = options->role < 0 ? ACCESS_NOBODY
					  : (enum access_role)(options->role + ACCESS_VIEWER),
		.printers = options->printers.count > 0 ? options->words : NULL,
		.scoped = options->printers.count > 0 || options->all_printers,
		.digest = options->digest,
		.expires_in_s = options->expires_in_s,
		.now_s = clock_unix_s(),
	};
}

static void print_grant(const struct access_grant *grant, const char *more)
{
	print_to(stdout, "  %-8s  %s%s\n", access_role_name(grant->role),
		 grant->printers ? grant->printers : "all printers", more);
}

/* --- users --- */

static int list_users(const struct people_options *options)
{
	struct access_book book = {0};
	int result = load_book(options, &book);

	for (size_t i = 0; result == OPTIONS_RUN && i < book.user_count; i++) {
		print_to(stdout, "%-20s", book.users[i].name);
		print_grant(&book.users[i].grant, "");
	}
	access_book_finish(&book);
	return result == OPTIONS_RUN ? CLI_DONE : result;
}

static int change_user(struct people_options *options, const char *action, const char *name)
{
	char hash[PASSWORD_HASH_SIZE];
	struct access_change change;
	bool adds = strcmp(action, "add") == 0;
	int result = OPTIONS_RUN;

	fill_change(options, name, &change);
	if (adds && change.role == ACCESS_NOBODY) {
		cli_error("--role is missing: viewer, operator or admin");
		return CLI_USAGE;
	}
	if (adds && !access_name_valid(name)) {
		cli_error("'%s': a user's name is of letters, digits and . _ - @, 63 at most",
			  name);
		return CLI_USAGE;
	}
	if (adds || strcmp(action, "password") == 0) {
		result = read_password(name, hash);
		change.password = hash;
	}
	if (result == OPTIONS_RUN) {
		result = apply_change(options,
				      adds                            ? access_add_user
				      : strcmp(action, "remove") == 0 ? access_remove_user
								      : access_set_user,
				      &change);
	}
	OPENSSL_cleanse(hash, sizeof(hash));
	return result;
}

static int take_action(int argc, char **argv, const char *const *actions, const char **action)
{
	for (*action = NULL; argc > 0 && *actions; actions++) {
		if (strcmp(argv[0], *actions) == 0) {
			*action = *actions;
		}
	}
	bool lists = *action && strcmp(*action, "list") == 0;
	if (!*action || argc != (lists ? 1 : 2)) {
		cli_error("say what to do, and with whom: see --help");
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

static int begin_command(const struct cli_command *command, struct people_options *options,
			 int *argc, char **argv, const char *const *actions, const char **action)
{
	options->role = -1;
	int result = options_parse(command, argc, argv, (void *[]){options});
	if (result == OPTIONS_RUN) {
		result = take_action(*argc, argv, actions, action);
	}
	if (result == OPTIONS_RUN) {
		result = join_printers(options);
	}
	if (result == OPTIONS_RUN) {
		result = read_expiry(options);
	}
	return result == OPTIONS_RUN ? find_file(options) : result;
}

static int run_user(const struct cli_command *command, int argc, char **argv)
{
	static const char *const actions[] = {"add", "list", "set", "remove", "password", NULL};
	struct people_options options = {0};
	const char *action;
	int result = begin_command(command, &options, &argc, argv, actions, &action);

	if (result != OPTIONS_RUN) {
		return result;
	}
	return strcmp(action, "list") == 0 ? list_users(&options)
					   : change_user(&options, action, argv[1]);
}

/* --- keys --- */

/* Behind the keys that there are: those that are asked for. */
static int list_asked_keys(const struct people_options *options)
{
	struct asked_keys keys;
	int result = asked_keys_list(options->folder, &keys);

	for (size_t i = 0; result == OPTIONS_RUN && i < keys.count; i++) {
		const struct asked_key *key = &keys.items[i];

		print_to(stdout, "%s  %-20s  asks      %s, from %s\n", key->id, key->app,
			 key->serial, key->address);
	}
	return result == OPTIONS_RUN || result == CLI_CANNOT_CONNECT ? CLI_DONE : result;
}

/* "", ", until …" or ", expired". */
static const char *expiry_text(const struct access_key *key, char out[EXPIRY_SIZE])
{
	time_t end = (time_t)key->expires_at;
	struct tm local;

	out[0] = '\0';
	if (access_key_is_over(key, clock_unix_s())) {
		snprintf(out, EXPIRY_SIZE, ", expired");
	} else if (key->expires_at != 0 && localtime_r(&end, &local)) {
		(void)strftime(out, EXPIRY_SIZE, ", until %Y-%m-%d %H:%M", &local);
	}
	return out;
}

static int list_keys(const struct people_options *options)
{
	struct access_book book = {0};
	char expiry[EXPIRY_SIZE];
	int result = load_book(options, &book);

	for (size_t i = 0; result == OPTIONS_RUN && i < book.key_count; i++) {
		print_to(stdout, "%s  %-20s", book.keys[i].id, book.keys[i].name);
		print_grant(&book.keys[i].grant, expiry_text(&book.keys[i], expiry));
	}
	access_book_finish(&book);
	return result == OPTIONS_RUN ? list_asked_keys(options) : result;
}

static int add_key(const struct people_options *options, const char *name)
{
	struct access_change change;

	fill_change(options, name, &change);
	if (change.role == ACCESS_NOBODY) {
		cli_error("--role is missing: viewer, operator or admin");
		return CLI_USAGE;
	}
	int result = apply_change(options, access_add_key, &change);
	if (result == CLI_DONE) {
		print_data(stdout, "%s\n", change.secret);
		print_to(stderr, "this is shown once; flagship serve key remove %s takes it back\n",
			 change.id);
	}
	OPENSSL_cleanse(&change, sizeof(change));
	return result;
}

/* By its id, or by its name where one key alone has it. */
static int remove_key(const struct people_options *options, const char *word)
{
	struct access_book book = {0};
	struct access_change change = {0};
	size_t found = 0;
	int result = load_book(options, &book);

	for (size_t i = 0; result == OPTIONS_RUN && i < book.key_count; i++) {
		const struct access_key *key = &book.keys[i];

		if (strcmp(key->id, word) == 0 || strcmp(key->name, word) == 0) {
			memcpy(change.id, key->id, sizeof(change.id));
			found++;
		}
	}
	access_book_finish(&book);
	if (result != OPTIONS_RUN) {
		return result;
	}
	if (found != 1) {
		cli_error(found == 0 ? "there is no key '%s': flagship serve key list shows them"
				     : "several keys are called '%s': say its id",
			  word);
		return CLI_FAILED;
	}
	return apply_change(options, access_remove_key, &change);
}

/* By its id, or by the program's name where one alone asks by it. */
static int find_asked_key(const struct people_options *options, const char *word,
			  struct asked_key *found)
{
	struct asked_keys keys;
	size_t count = 0;
	int result = asked_keys_list(options->folder, &keys);

	if (result == CLI_CANNOT_CONNECT) {
		cli_error("no gateway runs in %s, and programs ask one that does", options->folder);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	for (size_t i = 0; i < keys.count; i++) {
		if (strcmp(keys.items[i].id, word) == 0 || strcmp(keys.items[i].app, word) == 0) {
			*found = keys.items[i];
			count++;
		}
	}
	if (count != 1) {
		cli_error(count == 0 ? "no program asks for a key as '%s': flagship serve key list "
				       "shows them"
				     : "several programs ask as '%s': say an id",
			  word);
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

static int decide_key(const struct people_options *options, const char *word, bool accepts)
{
	struct asked_key asked;
	struct access_change change;

	fill_change(options, NULL, &change);
	const struct key_decision decision = {.accepts = accepts,
					      .role = change.role,
					      .scoped = change.scoped,
					      .printers = change.printers};
	int result = find_asked_key(options, word, &asked);
	if (result == OPTIONS_RUN) {
		result = asked_keys_decide(options->folder, asked.id, &decision);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	print_to(stderr,
		 accepts ? "%s, which asked from %s, fetches its key by itself\n"
			 : "%s, which asked from %s, gets no key\n",
		 asked.app, asked.address);
	return CLI_DONE;
}

static int take_key_action(const struct people_options *options, const char *action,
			   const char *word)
{
	if (strcmp(action, "list") == 0) {
		return list_keys(options);
	}
	if (strcmp(action, "add") == 0) {
		return add_key(options, word);
	}
	return strcmp(action, "remove") == 0
		       ? remove_key(options, word)
		       : decide_key(options, word, strcmp(action, "accept") == 0);
}

static int run_key(const struct cli_command *command, int argc, char **argv)
{
	static const char *const actions[] = {"add", "list", "remove", "accept", "refuse", NULL};
	struct people_options options = {0};
	const char *action;
	int result = begin_command(command, &options, &argc, argv, actions, &action);

	return result == OPTIONS_RUN ? take_key_action(&options, action, argv[1]) : result;
}

const struct cli_command serve_user_command = {
	.name = "serve user",
	.section = "Printers",
	.summary = "add, list, change and remove users of the gateway",
	.arguments = "add|list|set|remove|password [NAME]",
	.arguments_max = 2,
	.description = "Users log in to the gateway's page and API. The password is asked for "
		       "twice, or is\n"
		       "the line of standard input. From the first user on, who has to be an "
		       "admin, nobody\n"
		       "gets in without a login or a key, on this machine either. A gateway that "
		       "runs takes\n"
		       "changes over at once; sessions of who lost rights end.",
	.groups = (const struct options_group *const[]){&user_group, NULL},
	.run = run_user,
};

const struct cli_command serve_key_command = {
	.name = "serve key",
	.section = "Printers",
	.summary = "make, list, grant and remove keys of programs for the gateway",
	.arguments = "add|list|remove|accept|refuse [NAME|ID]",
	.arguments_max = 2,
	.description =
		"Programs (slicers, monitoring, home automation) send a key: as X-Api-Key, as\n"
		"Authorization: Bearer, or as the password of Basic. It is printed once, and kept "
		"as a\n"
		"hash. A program may also ask a gateway that runs for a key: list shows who does, "
		"and\n"
		"accept lets it have one, for the printer that it asked, as operator unless --role "
		"says\n"
		"otherwise.",
	.groups = (const struct options_group *const[]){&key_group, NULL},
	.run = run_key,
};
