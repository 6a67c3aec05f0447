/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_MQTT_SOCKET_H
#define TRANSPORT_MQTT_SOCKET_H

#include <mosquitto.h>
#include <stdbool.h>

/*
 * What is wrong with the socket that leads to the broker, as errno has it, or 0. Sets *tcp_open
 * where TCP stands or has stood: a broker may have hung up before the first look at the socket.
 */
int mqtt_socket_error(struct mosquitto *mosquitto, int socket, bool *tcp_open);

#endif
