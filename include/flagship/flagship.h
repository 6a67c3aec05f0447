/* SPDX-License-Identifier: MIT */
#ifndef FLAGSHIP_FLAGSHIP_H
#define FLAGSHIP_FLAGSHIP_H

/* libflagship: the protocol of AnkerMake and eufyMake printers. No I/O, no clock, no threads. */

#include <flagship/account.h>
#include <flagship/codes.h>
#include <flagship/error.h>
#include <flagship/frame.h>
#include <flagship/gcode.h>
#include <flagship/message.h>
#include <flagship/model.h>
#include <flagship/pppp_frame.h>
#include <flagship/pppp_packet.h>
#include <flagship/pppp_session.h>
#include <flagship/reassembler.h>
#include <flagship/text.h>
#include <flagship/topic.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "1.2.3" */
const char *flagship_version(void);

#ifdef __cplusplus
}
#endif

#endif
