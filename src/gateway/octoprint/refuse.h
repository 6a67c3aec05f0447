/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_OCTOPRINT_REFUSE_H
#define GATEWAY_OCTOPRINT_REFUSE_H

#include "gateway/web/web.h"

/* One plain sentence. */
web_refuse octoprint_refuse;

#endif
