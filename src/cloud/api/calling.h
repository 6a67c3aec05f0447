/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_API_CALLING_H
#define CLOUD_API_CALLING_H

#include "cloud/api/internal.h"

/*
 * Calls that look into the registry, which is done on a thread: the answer is handed over on the
 * loop, at once only where there is no room. The body of the session is taken.
 */

/* One of the vendor's calls, or of ours that look like them, which api_call_reads. */
void api_calling_begin(struct api_session *session, const struct api_request *request);

/* One of a broker of a cluster. */
void api_calling_begin_cluster(struct api_session *session);

/* Nobody waits for it any more. */
void api_calling_forget(struct api_calling *calling);

#endif
