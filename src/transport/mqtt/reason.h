/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_MQTT_REASON_H
#define TRANSPORT_MQTT_REASON_H

#include <mosquitto.h>
#include <stdbool.h>

/* Reasons of MQTT 5 from here on are errors. */
#define MQTT_REASON_ERROR 128

/* Whether the code of a CONNACK says that this login is not taken. */
bool mqtt_reason_is_login(bool mqtt5, int code);

/* The code of a CONNACK for people; static. */
const char *mqtt_reason_text(bool mqtt5, int code);

/* An error of libmosquitto for people; errno counts for MOSQ_ERR_ERRNO. Static. */
const char *mqtt_reason_of_library(int code);

/*
 * What is wrong with the socket that leads to the broker, as errno has it, or 0. Sets *tcp_open
 * where TCP stands or has stood: a broker may have hung up before the first look at the socket.
 */
int mqtt_socket_error(struct mosquitto *mosquitto, int socket, bool *tcp_open);

#endif
