/* SPDX-License-Identifier: MIT */
#include "cloud/commands/init.h"

#include "cli/output/print.h"
#include "cloud/broker/certificate.h"
#include "cloud/broker/configuration.h"
#include "cloud/commands/cloud.h"
#include "cloud/registry/credential.h"

#include <flagship/account.h>
#include <flagship/flagship.h>

#include <errno.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SETTING_COUNT    5
#define DEFAULT_API_PORT 8443
#define DEFAULT_BIND     "127.0.0.1"
#define HOSTS_MAX        (OPTIONS_LIST_MAX + BIND_MAX + 16)
#define AUTHORITY_NAME   "flagship cloud CA"
#define COMMON_NAME      "make-mqtt.ankermake.com"

/* The names that printers and clients look for, and this machine itself. */
static const char *const own_hosts[] = {
	"make-mqtt.ankermake.com",
	"make-mqtt-eu.ankermake.com",
	"make-app.ankermake.com",
	"make-app-eu.ankermake.com",
	"localhost",
	"127.0.0.1",
	"::1",
};

struct init_options {
	struct cloud_options cloud;
	int64_t mqtt_port;
	int64_t api_port;
	struct options_list bind;
	struct options_list hosts;
	bool rsa;
};

#define PLACE(member) offsetof(struct init_options, member)

static const struct options_option init_table[] = {
	{.name = "mqtt-port",
	 .kind = OPTIONS_INTEGER,
	 .value = "PORT",
	 .help = "of the broker (8789, where printers look for it)",
	 .offset = PLACE(mqtt_port),
	 .minimum = 1,
	 .maximum = UINT16_MAX},
	{.name = "api-port",
	 .kind = OPTIONS_INTEGER,
	 .value = "PORT",
	 .help = "of the HTTPS API (8443)",
	 .offset = PLACE(api_port),
	 .minimum = 1,
	 .maximum = UINT16_MAX},
	{.name = "bind",
	 .kind = OPTIONS_LIST,
	 .value = "ADDRESS",
	 .help = "address that both listen on, and no other (127.0.0.1, this machine alone); "
		 "0.0.0.0 is all of IPv4 and :: all of IPv6; may be repeated",
	 .offset = PLACE(bind)},
	{.name = "host",
	 .kind = OPTIONS_LIST,
	 .value = "NAME|IP",
	 .help = "a further name or address of this machine, for the certificate; may be repeated",
	 .offset = PLACE(hosts)},
	{.name = "rsa",
	 .kind = OPTIONS_FLAG,
	 .help = "use the RSA certificate and not the ECDSA one, for old firmware",
	 .offset = PLACE(rsa)},
};

static const struct options_group init_group = OPTIONS_GROUP("Options", init_table);

static bool is_made(const struct cloud *cloud, const char *name)
{
	char path[PATH_MAX];
	struct stat status;

	cloud_path(cloud, name, path);
	return stat(path, &status) == 0;
}

static int report_crypto(const char *what, int error)
{
	cli_error("%s cannot be made: %s", what,
		  error == FLAGSHIP_ERROR_STORE ? strerror(errno) : flagship_strerror(error));
	return CLI_FAILED;
}

static int make_key(const struct cloud *cloud, const char *name, enum certificate_kind kind)
{
	char path[PATH_MAX];

	if (is_made(cloud, name)) {
		return OPTIONS_RUN;
	}
	cloud_path(cloud, name, path);
	int error = certificate_make_key(path, kind);
	return error ? report_crypto(path, error) : OPTIONS_RUN;
}

static int make_authority(const struct cloud *cloud)
{
	char key[PATH_MAX];
	char certificate[PATH_MAX];
	int result = make_key(cloud, CLOUD_CA_KEY, CERTIFICATE_ECDSA);

	if (result != OPTIONS_RUN || is_made(cloud, CLOUD_CA)) {
		return result;
	}
	cloud_path(cloud, CLOUD_CA_KEY, key);
	cloud_path(cloud, CLOUD_CA, certificate);
	int error = certificate_make_authority(key, certificate, AUTHORITY_NAME);
	return error ? report_crypto(certificate, error) : OPTIONS_RUN;
}

/* Anew each time: its hosts may have changed, and nobody pins it. */
static int make_server(const struct cloud *cloud, enum certificate_kind kind,
		       const char *const *hosts, size_t count)
{
	char authority_key[PATH_MAX];
	char authority[PATH_MAX];
	char key[PATH_MAX];
	char certificate[PATH_MAX];
	const char *key_name = broker_key_file(kind);
	int result = make_key(cloud, key_name, kind);

	if (result != OPTIONS_RUN) {
		return result;
	}
	cloud_path(cloud, CLOUD_CA_KEY, authority_key);
	cloud_path(cloud, CLOUD_CA, authority);
	cloud_path(cloud, key_name, key);
	cloud_path(cloud, broker_certificate_file(kind), certificate);
	int error = certificate_issue(authority_key, authority, key, certificate, COMMON_NAME,
				      hosts, count);
	return error ? report_crypto(certificate, error) : OPTIONS_RUN;
}

/* What an earlier init was given stays. */
static int set_default(const struct cloud *cloud, const char *name, const char *given,
		       const char *otherwise)
{
	char value[REGISTRY_TEXT_MAX];

	cloud_setting(cloud, name, value);
	if (!given && value[0] != '\0') {
		return OPTIONS_RUN;
	}
	return registry_set(cloud->registry, name, given ? given : otherwise) < 0
		       ? cloud_fail(cloud, "the settings cannot be kept")
		       : OPTIONS_RUN;
}

static int set_port(const struct cloud *cloud, const char *name, int64_t given, int64_t otherwise)
{
	char text[32];
	char default_text[32];

	snprintf(text, sizeof(text), "%" PRId64, given);
	snprintf(default_text, sizeof(default_text), "%" PRId64, otherwise);
	return set_default(cloud, name, given ? text : NULL, default_text);
}

/* With blanks between them. */
static bool join_list(const struct options_list *list, char out[REGISTRY_TEXT_MAX])
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < list->count; i++) {
		int length = snprintf(out + used, REGISTRY_TEXT_MAX - used, "%s%s", i ? " " : "",
				      list->items[i]);

		if (length < 0 || (size_t)length >= REGISTRY_TEXT_MAX - used) {
			return false;
		}
		used += (size_t)length;
	}
	return true;
}

static int set_list(const struct cloud *cloud, const char *name, const struct options_list *list,
		    const char *otherwise)
{
	char text[REGISTRY_TEXT_MAX];

	if (!join_list(list, text)) {
		cli_error("the values of --%s are too long together",
			  strcmp(name, CLOUD_SETTING_HOSTS) == 0 ? "host" : "bind");
		return CLI_USAGE;
	}
	return set_default(cloud, name, list->count ? text : NULL, otherwise);
}

static int keep_settings(const struct cloud *cloud, const struct init_options *options)
{
	int result = set_port(cloud, CLOUD_SETTING_MQTT_PORT, options->mqtt_port,
			      FLAGSHIP_MQTT_PORT);

	if (result == OPTIONS_RUN) {
		result = set_port(cloud, CLOUD_SETTING_API_PORT, options->api_port,
				  DEFAULT_API_PORT);
	}
	if (result == OPTIONS_RUN) {
		result = set_list(cloud, CLOUD_SETTING_BIND, &options->bind, DEFAULT_BIND);
	}
	if (result == OPTIONS_RUN) {
		result = set_default(cloud, CLOUD_SETTING_CERTIFICATE, options->rsa ? "rsa" : NULL,
				     "ecdsa");
	}
	return result == OPTIONS_RUN ? set_list(cloud, CLOUD_SETTING_HOSTS, &options->hosts, "")
				     : result;
}

/* text is taken apart; its pieces and what is not in it already follow. */
static size_t collect_hosts(char *text, const struct bind *bind, const char *hosts[HOSTS_MAX])
{
	size_t count = 0;
	char *rest = text;
	char *host;

	for (size_t i = 0; i < sizeof(own_hosts) / sizeof(own_hosts[0]); i++) {
		hosts[count++] = own_hosts[i];
	}
	for (size_t i = 0; i < bind->count; i++) {
		const char *address = bind->addresses[i];

		if (!bind_is_all(address) && strcmp(address, DEFAULT_BIND) != 0 &&
		    strcmp(address, "::1") != 0) {
			hosts[count++] = address;
		}
	}
	while ((host = strtok_r(rest, " ", &rest)) && count < HOSTS_MAX) {
		if (strcmp(host, "localhost") != 0) {
			hosts[count++] = host;
		}
	}
	return count;
}

static int make_certificates(const struct cloud *cloud)
{
	char text[REGISTRY_TEXT_MAX];
	struct bind bind;
	const char *hosts[HOSTS_MAX];
	int result = cloud_find_bind(cloud, &bind);

	if (result == OPTIONS_RUN) {
		result = make_authority(cloud);
	}
	cloud_setting(cloud, CLOUD_SETTING_HOSTS, text);
	size_t count = collect_hosts(text, &bind, hosts);
	if (result == OPTIONS_RUN) {
		result = make_server(cloud, CERTIFICATE_ECDSA, hosts, count);
	}
	if (result == OPTIONS_RUN) {
		result = make_server(cloud, CERTIFICATE_RSA, hosts, count);
	}
	if (result == OPTIONS_RUN) {
		result = make_key(cloud, CLOUD_SERVICE_KEY, CERTIFICATE_ECDSA);
	}
	return result;
}

static int make_secret(const struct cloud *cloud)
{
	uint8_t secret[CREDENTIAL_SECRET_SIZE];
	int result = credential_secret(cloud->registry, secret);

	OPENSSL_cleanse(secret, sizeof(secret));
	return result < 0 ? cloud_fail(cloud, "the secret of the registry") : OPTIONS_RUN;
}

static int check_bind(const struct options_list *list)
{
	char text[REGISTRY_TEXT_MAX];
	struct problem problem;
	struct bind bind;

	if (list->count == 0) {
		return OPTIONS_RUN;
	}
	if (!join_list(list, text) || !bind_read(text, &bind) || bind.count != list->count) {
		cli_error("--bind wants an address of this machine in numbers, such as "
			  "192.168.1.5, at most %d times",
			  BIND_MAX);
		return CLI_USAGE;
	}
	if (!bind_check(&bind, &problem)) {
		cli_error("%s", problem.text);
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

static int check_hosts(const struct init_options *options)
{
	for (size_t i = 0; i < options->hosts.count; i++) {
		if (!certificate_host_valid(options->hosts.items[i])) {
			cli_error("'%s' is no name and no address of a host",
				  options->hosts.items[i]);
			return CLI_USAGE;
		}
	}
	return OPTIONS_RUN;
}

static void print_steps(const struct cloud *cloud)
{
	char bind[REGISTRY_TEXT_MAX];

	cloud_setting(cloud, CLOUD_SETTING_BIND, bind);
	print_to(stdout,
		 "The cloud is kept in %s.\n\n"
		 "What is left to do:\n"
		 "  flagship cloud add-account --dir %s --email YOU@EXAMPLE.ORG --password-stdin\n"
		 "  flagship cloud adopt --dir %s          (takes over the printers that flagship "
		 "printers lists)\n"
		 "  flagship cloud run --dir %s            (broker on %s port %u, API on port %u)\n"
		 "  flagship cloud takeover --dir %s --print dnsmasq   (leads printers here)\n\n"
		 "Clients trust it with --ca %s/" CLOUD_CA "\n",
		 cloud->dir, cloud->dir, cloud->dir, cloud->dir, bind,
		 cloud_port(cloud, CLOUD_SETTING_MQTT_PORT),
		 cloud_port(cloud, CLOUD_SETTING_API_PORT), cloud->dir, cloud->dir);
}

struct before {
	char values[SETTING_COUNT][REGISTRY_TEXT_MAX];
};

static const struct {
	const char *name;
	const char *what;
} settings[SETTING_COUNT] = {
	{CLOUD_SETTING_MQTT_PORT, "the port of the broker"},
	{CLOUD_SETTING_API_PORT, "the port of the API"},
	{CLOUD_SETTING_BIND, "the addresses that it listens on"},
	{CLOUD_SETTING_HOSTS, "the names in the certificate"},
	{CLOUD_SETTING_CERTIFICATE, "the kind of the certificate"},
};

static void look_before(const struct cloud *cloud, struct before *before)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		cloud_setting(cloud, settings[i].name, before->values[i]);
	}
}

/* A cloud that runs goes on with what it was started with. */
static void report_restart(const struct cloud *cloud, const struct before *before)
{
	size_t changed = 0;

	if (!cloud_is_locked(cloud)) {
		return;
	}
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		char value[REGISTRY_TEXT_MAX];

		cloud_setting(cloud, settings[i].name, value);
		if (strcmp(value, before->values[i]) != 0) {
			fputs(changed++ == 0 ? "\nThe cloud runs, and goes on as before until it "
					       "is started again with "
					     : ", ",
			      stdout);
			print_to(stdout, "%s", settings[i].what);
		}
	}
	puts(changed == 0 ? "\nThe cloud runs; nothing was changed that it has to be started "
			    "again for."
			  : ":\nstop flagship cloud run and start it, or run systemctl --user "
			    "restart flagship-cloud.");
}

int init_files(const struct cloud *cloud)
{
	int result = kept_files_bring_back(cloud);

	if (result == OPTIONS_RUN) {
		result = make_certificates(cloud);
	}
	if (result == OPTIONS_RUN) {
		result = kept_files_copy(cloud);
	}
	if (result == OPTIONS_RUN) {
		result = make_secret(cloud);
	}
	return result == OPTIONS_RUN ? cloud_configure_broker(cloud, NULL, cloud->dir) : result;
}

static int init_locked(struct cloud *cloud, const struct init_options *options)
{
	struct before before = {0};
	int result = cloud_open(cloud, &options->cloud, REGISTRY_CREATE);

	if (result == OPTIONS_RUN) {
		look_before(cloud, &before);
		result = keep_settings(cloud, options);
	}
	if (result == OPTIONS_RUN) {
		result = init_files(cloud);
	}
	if (result == OPTIONS_RUN) {
		print_steps(cloud);
		report_restart(cloud, &before);
		result = CLI_DONE;
	}
	cloud_close(cloud);
	return result;
}

static int init_run(const struct cli_command *command, int argc, char **argv)
{
	struct init_options options = {0};
	struct cloud cloud = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options, &options.cloud});

	if (result == OPTIONS_RUN) {
		result = check_bind(&options.bind);
	}
	if (result == OPTIONS_RUN) {
		result = check_hosts(&options);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_choose_folder(&cloud, &options.cloud, true);
	if (result != OPTIONS_RUN) {
		return result;
	}
	int lock = cloud_begin_making(&cloud);
	if (lock < 0) {
		return CLI_FAILED;
	}
	result = init_locked(&cloud, &options);
	close(lock);
	return result;
}

const struct cli_command cloud_init_command = {
	.name = "cloud init",
	.section = "Setting up",
	.summary = "make a cloud, or change its ports, addresses and names",
	.arguments = "",
	.arguments_max = 0,
	.description = "Makes a CA, certificates, the registry and the broker's configuration in "
		       "one\nfolder, and prints what is left to do. Run again, it keeps keys and "
		       "data.",
	.groups = (const struct options_group *const[]){&init_group, &cloud_options_group, NULL},
	.run = init_run,
};
