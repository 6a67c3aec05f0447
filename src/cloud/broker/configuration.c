/* SPDX-License-Identifier: MIT */
#include "cloud/broker/configuration.h"

#include "store/file/replace_file.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * What one client can make the broker keep (docs/security.md). Frames have at most 65,535 bytes but
 * for a rare kind, and a login's will as many. Messages of QoS 1 and 2 wait in two places for who
 * does not take them; those of QoS 0 are bounded by the plugin.
 */
#define PACKET_MAX   131072
#define INFLIGHT_MAX 131072
#define QUEUED_MAX   262144
#define MEMORY_MAX   268435456 /* of what mosquitto counts: all but TLS */

const char *broker_key_file(enum certificate_kind kind)
{
	return kind == CERTIFICATE_RSA ? "server-rsa.key" : "server.key";
}

const char *broker_certificate_file(enum certificate_kind kind)
{
	return kind == CERTIFICATE_RSA ? "server-rsa.pem" : "server.pem";
}

enum certificate_kind broker_certificate_kind(const struct cloud *cloud)
{
	char text[REGISTRY_TEXT_MAX];

	cloud_setting(cloud, CLOUD_SETTING_CERTIFICATE, text);
	return strcmp(text, "rsa") == 0 ? CERTIFICATE_RSA : CERTIFICATE_ECDSA;
}

/* mosquitto reads its configuration line by line, up to the end. */
static bool is_plain(const char *path)
{
	return !strpbrk(path, "\r\n");
}

static void write_listener(const struct cloud *cloud, const char *address, FILE *file)
{
	enum certificate_kind kind = broker_certificate_kind(cloud);

	fprintf(file,
		"listener %u %s\n"
		"certfile %s/%s\n"
		"keyfile %s/%s\n"
		"tls_version tlsv1.2\n",
		cloud_port(cloud, CLOUD_SETTING_MQTT_PORT), address, cloud->dir,
		broker_certificate_file(kind), cloud->dir, broker_key_file(kind));
}

static void write_lines(const struct cloud *cloud, const struct bind *bind,
			const struct broker_bounds *bounds, const char *plugin, FILE *file)
{
	const struct passwd *user = getpwuid(geteuid());

	fprintf(file,
		"# Written by flagship cloud; changes are lost. Settings: flagship cloud init.\n"
		"per_listener_settings false\n");
	for (size_t i = 0; i < bind->count; i++) {
		write_listener(cloud, bind->addresses[i], file);
	}
	fprintf(file,
		"allow_anonymous false\n"
		"plugin %s\n"
		"plugin_opt_registry %s/" CLOUD_REGISTRY "\n"
		"plugin_opt_status %s/" CLOUD_STATUS "\n"
		"persistence false\n"
		"persistent_client_expiration 1h\n"
		"set_tcp_nodelay true\n"
		"max_packet_size %d\n"
		"max_inflight_bytes %d\n"
		"max_queued_messages 1000\n"
		"max_queued_bytes %d\n"
		"memory_limit %d\n"
		"log_dest stderr\n"
		"log_timestamp false\n"
		"log_type error\n"
		"log_type warning\n"
		"log_type notice\n"
		"log_type information\n",
		plugin, cloud->dir, cloud->dir, PACKET_MAX, INFLIGHT_MAX, QUEUED_MAX, MEMORY_MAX);
	if (bounds) {
		fprintf(file,
			"plugin_opt_descriptors %u\n"
			"plugin_opt_per_address %u\n",
			bounds->descriptors, bounds->per_address);
	}
	if (user) {
		/* Started by root, mosquitto would become a user who cannot read this folder. */
		fprintf(file, "user %s\n", user->pw_name);
	}
}

static int write_file(const struct cloud *cloud, const struct bind *bind,
		      const struct broker_bounds *bounds, const char *plugin, const char *path)
{
	char *text = NULL;
	size_t length = 0;
	int error = ENOMEM;
	FILE *file = open_memstream(&text, &length);

	if (file) {
		write_lines(cloud, bind, bounds, plugin, file);
		error = ferror(file) ? ENOMEM : 0;
		if (fclose(file) != 0) {
			error = ENOMEM;
		}
	}
	if (!error) {
		error = replace_file(path, text, length, S_IRUSR | S_IWUSR);
	}
	free(text);
	return error;
}

bool broker_write_configuration(const struct cloud *cloud, const char *plugin,
				const struct broker_bounds *bounds, const char *folder,
				struct problem *problem)
{
	char path[PATH_MAX];
	struct bind bind;

	if (!cloud_read_bind(cloud, &bind, problem)) {
		return false;
	}
	if (!is_plain(cloud->dir) || !is_plain(plugin)) {
		problem_set(problem, "the name of a folder holds a line break, which "
				     "mosquitto cannot read");
		return false;
	}
	(void)snprintf(path, sizeof(path), "%.4000s/" CLOUD_CONFIGURATION, folder);
	int error = write_file(cloud, &bind, bounds, plugin, path);

	if (error) {
		problem_set(problem, "%s cannot be written: %s", path, strerror(error));
	}
	return !error;
}
