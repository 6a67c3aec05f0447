/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_METRICS_FORMAT_H
#define GATEWAY_METRICS_FORMAT_H

/* The two forms in which metrics are read: the older text is what a person's browser gets. */
enum metrics_format {
	METRICS_TEXT,        /* 0.0.4 */
	METRICS_OPENMETRICS, /* 1.0.0 */
};

/*
 * Which of them an Accept header (RFC 9110, 12.5.1) prefers: by quality, text where both are equal
 * and it names neither more exactly. NULL, an empty one and one that accepts neither give text,
 * since an answer that is readable is worth more than status 406. OpenMetrics of a version that is
 * not 1.0.0 is not ours to write.
 */
enum metrics_format metrics_format_choose(const char *accept);

/* The Content-Type of the answer. */
const char *metrics_content_type(enum metrics_format format);

#endif
