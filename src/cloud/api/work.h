/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_API_WORK_H
#define CLOUD_API_WORK_H

#include "cloud/api/internal.h"

/* Logins, from the look into the registry to the token; in between their passwords are hashed
 * (daemon/login/queue.h). */
#define API_WORK_RUNNING_MAX   3 /* at once; of the four threads of libuv */
#define API_WORK_STRANGERS_MAX 1 /* of these, of anybody but who was in before */
#define API_WORK_WAITING_MAX   6 /* of each kind, with those that run */
#define API_WORK_OF_SAME_MAX   2 /* of these, of one address; of who was in before, of one pair */

/* Before the first login. */
void api_work_init(struct api *api);

/* The login of a request; its answer is handed to api_session_answer, at once or later: with a
 * token, once that is on the disk. */
void api_work_begin(struct api_session *session, const struct api_request *request);

/* Nobody waits for it any more. */
void api_work_forget(struct api_login_work *work);

/* Gives up those that no thread works on yet; the others end with the registry's service. */
void api_work_stop(struct api *api);

#endif
