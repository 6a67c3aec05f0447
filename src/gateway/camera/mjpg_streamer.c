/* SPDX-License-Identifier: MIT */
#include "gateway/camera/internal.h"

#include <string.h>

/* Pictures at the addresses of mjpg-streamer, where programs look for them that know OctoPrint or
 * Moonraker. */

#define ACTION_SIZE 16

static void get_webcam(struct http_request *request, void *context)
{
	const struct mjpg_streamer *streamer = context;
	char action[ACTION_SIZE];

	(void)http_request_query_value(request, "action", action, sizeof(action));
	if (strcmp(action, WEBCAM_STREAM) == 0) {
		camera_get_mjpeg(request, streamer->cameras);
	} else if (strcmp(action, WEBCAM_SNAPSHOT) == 0) {
		camera_get_snapshot(request, streamer->cameras);
	} else {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "'action' is to be " WEBCAM_STREAM " or " WEBCAM_SNAPSHOT);
	}
}

static const struct http_route below_routes[] = {
	{.methods = HTTP_GET,
	 .path = WEBCAM_PATH_BELOW "/{printer}" WEBCAM_PATH,
	 .rights = WEB_VIEW | WEB_PASSES,
	 .handle = get_webcam},
};

static const struct http_route port_routes[] = {
	{.methods = HTTP_GET,
	 .path = WEBCAM_PATH,
	 .rights = WEB_VIEW | WEB_PASSES,
	 .handle = get_webcam},
};

void cameras_fill_webcam_api(struct cameras *cameras, bool own_port, struct web_api *api)
{
	*api = (struct web_api){
		.routes = own_port ? port_routes : below_routes,
		.route_count = 1,
		.context = &cameras->mjpg_streamer,
		.prefixes = "",
		.refuse = rest_refuse,
		.other_program = true,
	};
}
