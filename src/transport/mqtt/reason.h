/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_MQTT_REASON_H
#define TRANSPORT_MQTT_REASON_H

#include <stdbool.h>

/* Reasons of MQTT 5 from here on are errors. */
#define MQTT_REASON_ERROR 128

/* Whether the code of a CONNACK says that this login is not taken. */
bool mqtt_reason_is_login(bool mqtt5, int code);

/* The code of a CONNACK for people; static. */
const char *mqtt_reason_text(bool mqtt5, int code);

/* An error of libmosquitto for people; errno counts for MOSQ_ERR_ERRNO. Static. */
const char *mqtt_reason_of_library(int code);

#endif
