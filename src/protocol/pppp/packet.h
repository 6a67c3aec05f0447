/* SPDX-License-Identifier: MIT */
#ifndef PROTOCOL_PPPP_PACKET_H
#define PROTOCOL_PPPP_PACKET_H

#include <flagship/pppp_packet.h>

/* Parts of bodies that the readers and writers of flagship/pppp_packet.h leave to others:
 * FLAGSHIP_PPPP_DUID_SIZE and FLAGSHIP_PPPP_HOST_SIZE bytes. */
void packet_write_duid(const struct flagship_pppp_duid *duid, uint8_t *bytes);
void packet_write_host(const struct flagship_pppp_host *host, uint8_t *bytes);

#endif
