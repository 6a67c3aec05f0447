/* SPDX-License-Identifier: MIT */
#include "transport/mqtt_reason.h"

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <string.h>

/* Of MQTT 3.1.1. */
enum connack_code {
	CONNACK_BAD_USERNAME_OR_PASSWORD = 4,
	CONNACK_NOT_AUTHORIZED = 5,
};

bool mqtt_reason_is_login(bool mqtt5, int code)
{
	if (!mqtt5) {
		return code == CONNACK_BAD_USERNAME_OR_PASSWORD || code == CONNACK_NOT_AUTHORIZED;
	}
	return code == MQTT_RC_BAD_USERNAME_OR_PASSWORD || code == MQTT_RC_NOT_AUTHORIZED ||
	       code == MQTT_RC_BANNED || code == MQTT_RC_BAD_AUTHENTICATION_METHOD;
}

const char *mqtt_reason_text(bool mqtt5, int code)
{
	return mqtt5 ? mosquitto_reason_string(code) : mosquitto_connack_string(code);
}

/* As in "OpenSSL Error[0]: error:0A000126:SSL routines::unexpected eof while reading". */
const char *mqtt_reason_of_tls(const char *log, const char *otherwise)
{
	const char *colon = strrchr(log, ':');

	return colon && colon[1] ? colon + 1 : otherwise;
}
