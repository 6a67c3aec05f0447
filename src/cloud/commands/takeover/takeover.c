/* SPDX-License-Identifier: MIT */
#include "cloud/commands/cloud.h"
#include "cloud/commands/takeover/internal.h"
#include "daemon/run/bind.h"

#include <flagship/account.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define NOT_CHOSEN (-1)

struct takeover_options {
	struct cloud_options cloud;
	int print; /* index in snippet_names, or NOT_CHOSEN */
	bool brokers_only;
	bool check;
	bool json;
	bool json_lines;
	const char *address;
	const char *printer;
	const char *resolver;
};

#define PLACE(member) offsetof(struct takeover_options, member)

static const struct options_option takeover_table[] = {
	{.name = "print",
	 .kind = OPTIONS_CHOICE,
	 .choices = snippet_names,
	 .help = "print what such a server needs, to lead printers to this machine",
	 .offset = PLACE(print)},
	{.name = "brokers-only",
	 .kind = OPTIONS_FLAG,
	 .help = "leave the vendor's other names alone, for run --mirror",
	 .offset = PLACE(brokers_only)},
	{.name = "check",
	 .kind = OPTIONS_FLAG,
	 .help = "say what a printer in this network would reach: us, the vendor, or nothing",
	 .offset = PLACE(check)},
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print the result of --check as JSON",
	 .offset = PLACE(json)},
	{.name = "json-lines",
	 .kind = OPTIONS_FLAG,
	 .help = "print each result of --check as a line of JSON as soon as it is known",
	 .offset = PLACE(json_lines)},
	{.name = "address",
	 .kind = OPTIONS_TEXT,
	 .value = "IP",
	 .help = "of this machine, as printers reach it (the one that leads to other networks)",
	 .offset = PLACE(address)},
	{.name = "printer",
	 .kind = OPTIONS_TEXT,
	 .value = "IP",
	 .help = "address of the printer, for nftables",
	 .offset = PLACE(printer)},
	{.name = "resolver",
	 .kind = OPTIONS_TEXT,
	 .value = "IP",
	 .help = "name server to --check, where printers use another one than this machine",
	 .offset = PLACE(resolver)},
};

static const struct options_group takeover_group = OPTIONS_GROUP("Options", takeover_table);

static bool is_address(const char *text)
{
	struct in_addr address;

	return inet_pton(AF_INET, text, &address) == 1;
}

static int print_snippet(const struct cloud *cloud, const struct takeover_options *options)
{
	char own[BIND_TEXT_SIZE];
	struct snippet_values values = {
		.address = options->address,
		.printer = options->printer ? options->printer : "192.0.2.50",
		.mqtt_port = cloud_port(cloud, CLOUD_SETTING_MQTT_PORT),
		.api_port = cloud_port(cloud, CLOUD_SETTING_API_PORT),
		.brokers_only = options->brokers_only,
	};
	struct bind bind;
	int result = cloud_find_bind(cloud, &bind);

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (!values.address) {
		if (!bind_own_address(own)) {
			cli_error("this machine has no address that printers could reach: say it "
				  "with --address");
			return CLI_NOT_CONFIGURED;
		}
		values.address = own;
	}
	snippet_print((enum snippet_kind)options->print, &values, stdout);
	if (bind_is_loopback(&bind) && strncmp(values.address, "127.", strlen("127.")) != 0) {
		cli_warn("the cloud listens on %s only, where no printer reaches it: run flagship "
			 "cloud init --bind %s",
			 bind.addresses[0], values.address);
	}
	return CLI_DONE;
}

static int check_options(const struct takeover_options *options)
{
	if ((options->print != NOT_CHOSEN) == options->check) {
		cli_error("cloud takeover wants either --print or --check");
		return CLI_USAGE;
	}
	if ((options->address && !is_address(options->address)) ||
	    (options->printer && !is_address(options->printer)) ||
	    (options->resolver && !is_address(options->resolver))) {
		cli_error("--address, --printer and --resolver want an IPv4 address such as "
			  "192.168.1.10");
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

static enum takeover_shape shape_of(const struct takeover_options *options)
{
	if (options->json_lines) {
		return TAKEOVER_JSON_LINES;
	}
	return options->json ? TAKEOVER_JSON : TAKEOVER_TEXT;
}

static int run_takeover(const struct cli_command *command, int argc, char **argv)
{
	struct takeover_options options = {.print = NOT_CHOSEN};
	struct cloud cloud = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options, &options.cloud});

	if (result == OPTIONS_RUN) {
		result = check_options(&options);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options.cloud, REGISTRY_READ);
	if (result == OPTIONS_RUN) {
		result = options.check
				 ? takeover_check(&cloud, options.resolver, shape_of(&options))
				 : print_snippet(&cloud, &options);
	}
	cloud_close(&cloud);
	return result;
}

const struct cli_command cloud_takeover_command = {
	.name = "cloud takeover",
	.section = "Setting up",
	.summary = "lead printers here by the network's name service",
	.arguments = "",
	.arguments_max = 0,
	.description =
		"A printer looks for its broker by name. --print writes what a name server, "
		"firewall\nor time server needs so that it finds this machine; nothing is changed "
		"here. --check\nasks the name server as a printer does, past this machine's hosts "
		"file, "
		"connects to\nwhat it names, and says who answers.",
	.groups = (const struct options_group *const[]){&takeover_group, &cloud_options_group,
							NULL},
	.run = run_takeover,
};
