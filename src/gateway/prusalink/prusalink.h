/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PRUSALINK_PRUSALINK_H
#define GATEWAY_PRUSALINK_PRUSALINK_H

#include "gateway/octoprint/octoprint.h"

/*
 * The interface of PrusaLink, as far as PrusaSlicer, OrcaSlicer and Home Assistant use it
 * (docs/slicers.md): below /prusalink/{printer}, and /api/v1 on a printer's own port, where the
 * gateway's own API is not. It grew out of OctoPrint's, and shares its state, uploads and errors:
 * so that the context of its routes is that one, too.
 */
void prusalink_fill_api(struct octoprint *octoprint, struct web_api *api);
void prusalink_fill_port_api(struct octoprint *octoprint, struct web_api *api);

#endif
