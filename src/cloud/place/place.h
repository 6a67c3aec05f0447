/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_PLACE_PLACE_H
#define CLOUD_PLACE_PLACE_H

#include "base/problem.h"
#include "cloud/registry/registry.h"
#include "daemon/run/bind.h"

#include <limits.h>
#include <stdint.h>

/* The folder of a cloud: what lies in it, and the settings that its registry keeps. */

#define CLOUD_REGISTRY            "registry.sqlite"
#define CLOUD_CA                  "ca.pem"
#define CLOUD_CA_KEY              "ca.key"
#define CLOUD_SERVICE_KEY         "service.key" /* of the password exchange */
#define CLOUD_CONFIGURATION       "mosquitto.conf"
#define CLOUD_STATUS              "broker.status"
#define CLOUD_MIRROR              "mirror.json"  /* how its mirror is, while there is one */
#define CLOUD_GATEWAY             "gateway.json" /* for flagship serve on this machine */
#define CLOUD_LOCK                "run.lock"     /* held while the cloud runs */
#define CLOUD_MAKING_LOCK         "init.lock"    /* held while its files are made */

#define CLOUD_SETTING_MQTT_PORT   "mqtt_port"
#define CLOUD_SETTING_API_PORT    "api_port"
#define CLOUD_SETTING_BIND        "bind"        /* addresses, likewise (daemon/run/bind.h) */
#define CLOUD_SETTING_HOSTS       "hosts"       /* separated by spaces */
#define CLOUD_SETTING_CERTIFICATE "certificate" /* "ecdsa" or "rsa" */

/* The account that a mirror logs in with, for as long as it runs. */
#define CLOUD_MIRROR_EMAIL "mirror@flagship.invalid"

struct cloud {
	char dir[PATH_MAX];
	struct registry *registry;
};

/* A file of the folder. */
void cloud_path(const struct cloud *cloud, const char *name, char out[PATH_MAX]);

/* A port of the settings; 0 where it is not set. */
uint16_t cloud_port(const struct cloud *cloud, const char *setting);

/* "" where it is not set. */
void cloud_setting(const struct cloud *cloud, const char *setting, char out[REGISTRY_TEXT_MAX]);

/* Where broker and API listen. False with a problem where the setting cannot be read. */
bool cloud_read_bind(const struct cloud *cloud, struct bind *bind, struct problem *problem);

/* Where the broker listens, as this machine reaches it. False likewise. */
bool cloud_local_host(const struct cloud *cloud, char host[REGISTRY_TEXT_MAX],
		      struct problem *problem);

/* Fills the problem with what the registry says is wrong. Returns false. */
bool cloud_registry_failed(const struct cloud *cloud, const char *what, struct problem *problem);

/*
 * Held by a cloud that runs, for as long as its process lives. Returns a descriptor to be closed,
 * or -1: errno is EWOULDBLOCK where another process holds it.
 */
int cloud_lock(const struct cloud *cloud);

/* Whether a process holds it now. */
bool cloud_is_locked(const struct cloud *cloud);

/* Held by whoever makes the files of a cloud: init and restore, of which only one may. As
 * cloud_lock, without waiting. */
int cloud_lock_making(const struct cloud *cloud);

#endif
