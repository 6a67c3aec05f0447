/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_SCRAPE_INTERNAL_H
#define GATEWAY_SCRAPE_INTERNAL_H

#include "gateway/metrics/metrics.h"
#include "gateway/scrape/scrape.h"

/* Fills in what the system knows of this process; what it does not stays as it is. */
void scrape_read_process(struct metrics_gateway *gateway);

#endif
