/* SPDX-License-Identifier: MIT */
#include "cloud/rules/cluster.h"
#include "cli/output/print.h"
#include "cloud/commands/cloud.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#define NOT_CHOSEN (-1)
#define URL_MAX    512
#define HTTPS      "https://"

/* flagship cloud cluster: what a cluster of other brokers has to know to ask here. */

enum cluster_text {
	CLUSTER_RABBITMQ,
	CLUSTER_RABBITMQ_ADVANCED,
	CLUSTER_EMQX,
};

static const char *const text_names[] = {"rabbitmq", "rabbitmq-advanced", "emqx", NULL};

struct cluster_options {
	struct cloud_options cloud;
	int print;
	const char *url;
};

static const struct options_option cluster_table[] = {
	{.name = "print",
	 .kind = OPTIONS_CHOICE,
	 .choices = text_names,
	 .help = "which broker's configuration; RabbitMQ needs both of its own",
	 .offset = offsetof(struct cluster_options, print)},
	{.name = "url",
	 .kind = OPTIONS_TEXT,
	 .value = "URL",
	 .help = "of the API as the brokers reach it (https://localhost and its port)",
	 .offset = offsetof(struct cluster_options, url)},
};

static const struct options_group cluster_group = OPTIONS_GROUP("Options", cluster_table);

static void print_rabbitmq(const struct cloud *cloud, const char *base)
{
	print_data(
		stdout,
		"# rabbitmq.conf; needs the plugins rabbitmq_mqtt and rabbitmq_auth_backend_http,\n"
		"# and advanced.config: flagship cloud cluster --print rabbitmq-advanced\n"
		"# AMQP is for nobody: its queues are those of MQTT sessions\n"
		"listeners.tcp = none\n"
		"mqtt.listeners.tcp = none\n"
		"mqtt.listeners.ssl.default = 8789\n"
		"mqtt.allow_anonymous = false\n"
		"mqtt.vhost = /\n"
		"mqtt.exchange = amq.topic\n"
		"ssl_options.cacertfile = %s/ca.pem\n"
		"ssl_options.certfile = %s/server.pem\n"
		"ssl_options.keyfile = %s/server.key\n"
		"ssl_options.verify = verify_none\n"
		"ssl_options.fail_if_no_peer_cert = false\n"
		"auth_backends.1 = http\n"
		"auth_http.http_method = post\n"
		"auth_http.user_path = %s/rabbitmq/user\n"
		"auth_http.vhost_path = %s/rabbitmq/vhost\n"
		"auth_http.resource_path = %s/rabbitmq/resource\n"
		"auth_http.topic_path = %s/rabbitmq/topic\n",
		cloud->dir, cloud->dir, cloud->dir, base, base, base, base);
}

static void print_rabbitmq_advanced(const struct cloud *cloud)
{
	print_data(stdout,
		   "%% advanced.config: the cloud's certificate is checked\n"
		   "[{rabbitmq_auth_backend_http,\n"
		   "  [{ssl_options,\n"
		   "    [{cacertfile, \"%s/ca.pem\"},\n"
		   "     {verify, verify_peer},\n"
		   "     {depth, 2}]}]}].\n",
		   cloud->dir);
}

static void print_emqx(const struct cloud *cloud, const char *base)
{
	static const char source[] = "    method = post\n"
				     "    url = \"%s/emqx/%s\"\n"
				     "    headers { \"content-type\" = \"application/json\" }\n"
				     "    ssl { enable = true, verify = verify_peer, cacertfile = "
				     "\"%s/ca.pem\" }\n";

	print_data(stdout, "# base.hocon or emqx.conf of EMQX 5\n"
			   "authentication = [\n"
			   "  {\n"
			   "    mechanism = password_based\n"
			   "    backend = http\n");
	print_data(stdout, source, base, "authn", cloud->dir);
	print_data(stdout,
		   "    body { username = \"${username}\", password = \"${password}\", clientid = "
		   "\"${clientid}\" }\n"
		   "  }\n"
		   "]\n"
		   "authorization {\n"
		   "  no_match = deny\n"
		   "  deny_action = ignore\n"
		   "  sources = [\n"
		   "  {\n"
		   "    type = http\n"
		   "    enable = true\n");
	print_data(stdout, source, base, "authz", cloud->dir);
	print_data(stdout,
		   "    body { username = \"${username}\", topic = \"${topic}\", action = "
		   "\"${action}\", retain = \"${retain}\" }\n"
		   "  }\n"
		   "  ]\n"
		   "}\n"
		   "listeners.ssl.default {\n"
		   "  bind = \"0.0.0.0:8789\"\n"
		   "  ssl_options { certfile = \"%s/server.pem\", keyfile = \"%s/server.key\" }\n"
		   "}\n",
		   cloud->dir, cloud->dir);
}

static int print_configuration(const struct cloud *cloud, const struct cluster_options *options)
{
	char secret[CLUSTER_SECRET_SIZE];
	char base[URL_MAX];
	int length;

	if (cluster_secret(cloud->registry, secret) < 0) {
		return cloud_fail(cloud, "the secret of the cluster");
	}
	if (options->url) {
		length = snprintf(base, sizeof(base), "%s" CLUSTER_PREFIX "%s", options->url,
				  secret);
	} else {
		length = snprintf(base, sizeof(base), "https://localhost:%u" CLUSTER_PREFIX "%s",
				  cloud_port(cloud, CLOUD_SETTING_API_PORT), secret);
	}
	OPENSSL_cleanse(secret, sizeof(secret));
	if (length < 0 || (size_t)length >= sizeof(base)) {
		cli_error("the URL is too long");
		return CLI_USAGE;
	}
	switch ((enum cluster_text)options->print) {
	case CLUSTER_RABBITMQ:
		print_rabbitmq(cloud, base);
		break;
	case CLUSTER_RABBITMQ_ADVANCED:
		print_rabbitmq_advanced(cloud);
		break;
	case CLUSTER_EMQX:
		print_emqx(cloud, base);
		break;
	}
	OPENSSL_cleanse(base, sizeof(base));
	return CLI_DONE;
}

static int run_cluster(const struct cli_command *command, int argc, char **argv)
{
	struct cluster_options options = {.print = NOT_CHOSEN};
	struct cloud cloud = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options, &options.cloud});

	if (result == OPTIONS_RUN && options.print == NOT_CHOSEN) {
		cli_error("say with --print for which broker: rabbitmq, rabbitmq-advanced or emqx");
		result = CLI_USAGE;
	}
	if (result == OPTIONS_RUN && options.url &&
	    strncmp(options.url, HTTPS, strlen(HTTPS)) != 0) {
		cli_error("--url begins with https://: passwords travel there");
		result = CLI_USAGE;
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options.cloud, REGISTRY_WRITE);
	if (result == OPTIONS_RUN) {
		result = print_configuration(&cloud, &options);
	}
	cloud_close(&cloud);
	return result;
}

const struct cli_command cloud_cluster_command = {
	.name = "cloud cluster",
	.section = "Setting up",
	.summary = "print what a cluster of RabbitMQ or EMQX needs to ask here",
	.arguments = "",
	.arguments_max = 0,
	.description =
		"A farm outgrows one mosquitto. A cluster of other brokers takes its place and "
		"asks\nthis cloud over HTTPS who may log in and what they may do, by the same "
		"rules. What\nis printed holds a secret. Printers have to be known with their "
		"login there:\nflagship cloud add-printer --username.",
	.groups = (const struct options_group *const[]){&cluster_group, &cloud_options_group, NULL},
	.run = run_cluster,
};
