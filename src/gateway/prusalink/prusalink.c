/* SPDX-License-Identifier: MIT */
#include "gateway/prusalink/prusalink.h"

#include "gateway/files/receive.h"
#include "gateway/prusalink/internal.h"

/* What PrusaLink has and OctoPrint has not. */
#define OWN_ROUTES(at)                                                                     \
	{.methods = HTTP_GET,                                                              \
	 .path = at "/api/v1/info",                                                        \
	 .rights = WEB_VIEW,                                                               \
	 .handle = link_get_info},                                                         \
		{.methods = HTTP_GET,                                                      \
		 .path = at "/api/v1/status",                                              \
		 .rights = WEB_VIEW,                                                       \
		 .handle = link_get_status},                                               \
		{.methods = HTTP_GET,                                                      \
		 .path = at "/api/v1/job",                                                 \
		 .rights = WEB_VIEW,                                                       \
		 .handle = link_get_job},                                                  \
		{.methods = HTTP_PUT,                                                      \
		 .path = at "/api/v1/job/{job}/{action}",                                  \
		 .rights = WEB_OPERATE,                                                    \
		 .handle = link_put_job},                                                  \
		{.methods = HTTP_DELETE,                                                   \
		 .path = at "/api/v1/job/{job}",                                           \
		 .rights = WEB_OPERATE,                                                    \
		 .handle = link_delete_job},                                               \
		{.methods = HTTP_GET,                                                      \
		 .path = at "/api/v1/storage",                                             \
		 .rights = WEB_VIEW,                                                       \
		 .handle = link_get_storage},                                              \
		{.methods = HTTP_GET,                                                      \
		 .path = at "/api/v1/files" LINK_STORAGE,                                  \
		 .rights = WEB_VIEW,                                                       \
		 .handle = link_get_files},                                                \
		{.methods = HTTP_GET,                                                      \
		 .path = at "/api/v1/files" LINK_STORAGE "/{path...}",                     \
		 .rights = WEB_VIEW,                                                       \
		 .handle = link_get_files},                                                \
		{.methods = HTTP_PUT,                                                      \
		 .path = at "/api/v1/files" LINK_STORAGE "/{path...}",                     \
		 .rights = WEB_OPERATE,                                                    \
		 .handle = link_put_file,                                                  \
		 .body = HTTP_BODY_STREAM,                                                 \
		 .body_max = FILES_BODY_MAX},                                              \
		{.methods = HTTP_POST,                                                     \
		 .path = at "/api/v1/files" LINK_STORAGE "/{path...}",                     \
		 .rights = WEB_OPERATE,                                                    \
		 .handle = link_post_file},                                                \
		{.methods = HTTP_DELETE,                                                   \
		 .path = at "/api/v1/files" LINK_STORAGE "/{path...}",                     \
		 .rights = WEB_OPERATE,                                                    \
		 .handle = link_delete_file},                                              \
	{                                                                                  \
		.methods = HTTP_GET, .path = at "/thumb/{size}" LINK_STORAGE "/{path...}", \
		.rights = WEB_VIEW, .handle = link_get_thumbnail                           \
	}

#define NAMED "/prusalink/{printer}"

/* With what it took over from OctoPrint, where that is not served beside it. */
static const struct http_route named_routes[] = {
	OWN_ROUTES(NAMED),
	{.methods = HTTP_GET,
	 .path = NAMED "/api/version",
	 .rights = WEB_VIEW,
	 .handle = link_get_version},
	{.methods = HTTP_GET,
	 .path = NAMED "/api/printer",
	 .rights = WEB_VIEW,
	 .handle = link_get_legacy_printer},
	{.methods = HTTP_GET, .path = NAMED "/api/job", .rights = WEB_VIEW, .handle = octo_get_job},
	{.methods = HTTP_GET,
	 .path = NAMED "/api/files" LINK_STORAGE,
	 .rights = WEB_VIEW,
	 .handle = octo_get_files},
	{.methods = HTTP_POST,
	 .path = NAMED "/api/files" LINK_STORAGE,
	 .rights = WEB_OPERATE,
	 .handle = octo_post_files,
	 .body = HTTP_BODY_STREAM,
	 .body_max = FILES_BODY_MAX},
	{.methods = HTTP_GET,
	 .path = NAMED "/downloads/files" LINK_STORAGE "/{path...}",
	 .rights = WEB_VIEW,
	 .handle = octo_download},
};

static const struct http_route port_routes[] = {OWN_ROUTES("")};

void prusalink_fill_api(struct octoprint *octoprint, struct web_api *api)
{
	*api = (struct web_api){
		.routes = named_routes,
		.route_count = sizeof(named_routes) / sizeof(named_routes[0]),
		.context = octoprint,
		.prefixes = "/prusalink",
		.refuse = octoprint_refuse,
		.other_program = true,
	};
}

void prusalink_fill_port_api(struct octoprint *octoprint, struct web_api *api)
{
	*api = (struct web_api){
		.routes = port_routes,
		.route_count = sizeof(port_routes) / sizeof(port_routes[0]),
		.context = octoprint,
		.prefixes = "/api/v1 /thumb",
		.refuse = octoprint_refuse,
		.other_program = true,
	};
}
