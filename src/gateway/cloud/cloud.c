/* SPDX-License-Identifier: MIT */
#include "gateway/cloud/cloud.h"

#include "gateway/cloud/internal.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>

#define ROOT     REST_ROOT "/cloud"
#define PAIRING  ROOT "/pairing"
#define TAKEOVER ROOT "/takeover"
#define ACCOUNT  ROOT "/accounts/{email}"
#define PRINTER  ROOT "/printers/{serial}"
#define COPIES   ROOT "/backups"

#define ADMIN_ROUTE(method, route_path, handler)                                \
	{                                                                       \
		.methods = (method), .path = (route_path), .rights = WEB_ADMIN, \
		.handle = (handler)                                             \
	}

static const struct http_route routes[] = {
	ADMIN_ROUTE(HTTP_GET, ROOT, gateway_cloud_get),
	ADMIN_ROUTE(HTTP_POST, ROOT, gateway_cloud_post),
	ADMIN_ROUTE(HTTP_GET, ROOT "/list", gateway_cloud_get_list),
	ADMIN_ROUTE(HTTP_POST, ROOT "/accounts", gateway_cloud_post_account),
	ADMIN_ROUTE(HTTP_PATCH, ACCOUNT, gateway_cloud_patch_account),
	ADMIN_ROUTE(HTTP_DELETE, ACCOUNT, gateway_cloud_delete_account),
	ADMIN_ROUTE(HTTP_POST, ROOT "/adopt", gateway_cloud_post_adopt),
	ADMIN_ROUTE(HTTP_POST, ROOT "/printers", gateway_cloud_post_printer),
	ADMIN_ROUTE(HTTP_PATCH, PRINTER, gateway_cloud_patch_printer),
	ADMIN_ROUTE(HTTP_DELETE, PRINTER, gateway_cloud_delete_printer),
	ADMIN_ROUTE(HTTP_PUT, PRINTER "/accounts/{email}", gateway_cloud_put_share),
	ADMIN_ROUTE(HTTP_DELETE, PRINTER "/accounts/{email}", gateway_cloud_delete_share),
	ADMIN_ROUTE(HTTP_GET, ROOT "/tokens", gateway_cloud_get_tokens),
	ADMIN_ROUTE(HTTP_DELETE, ROOT "/tokens/{token}", gateway_cloud_delete_token),
	ADMIN_ROUTE(HTTP_GET, COPIES, gateway_cloud_get_copies),
	ADMIN_ROUTE(HTTP_POST, COPIES, gateway_cloud_post_copy),
	ADMIN_ROUTE(HTTP_GET, COPIES "/{backup}", gateway_cloud_get_copy),
	ADMIN_ROUTE(HTTP_GET, PAIRING, gateway_cloud_get_pairing),
	ADMIN_ROUTE(HTTP_POST, PAIRING, gateway_cloud_post_pairing),
	ADMIN_ROUTE(HTTP_GET, TAKEOVER, gateway_cloud_get_check),
	ADMIN_ROUTE(HTTP_POST, TAKEOVER, gateway_cloud_post_check),
	ADMIN_ROUTE(HTTP_GET, TAKEOVER "/{kind}", gateway_cloud_get_snippet),
};

int gateway_cloud_create(uv_loop_t *loop, const struct gateway_cloud_options *options,
			 struct gateway_cloud **out)
{
	struct gateway_cloud *cloud = calloc(1, sizeof(*cloud));

	*out = cloud;
	if (!cloud) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	cloud->loop = loop;
	cloud->printers = options->printers;
	cloud->access = options->access;
	cloud->timeout_ms = options->timeout_ms;
	snprintf(cloud->main_program, sizeof(cloud->main_program), "%s", options->main_program);
	list_init(&cloud->calls);
	list_init(&cloud->renamings);
	return 0;
}

void gateway_cloud_fill_api(struct gateway_cloud *cloud, struct web_api *api)
{
	*api = (struct web_api){
		.routes = routes,
		.route_count = sizeof(routes) / sizeof(routes[0]),
		.context = cloud,
		.prefixes = ROOT,
		.refuse = rest_refuse,
		.json_only = true,
	};
}

void gateway_cloud_stop(struct gateway_cloud *cloud)
{
	if (cloud && !cloud->stopped) {
		cloud->stopped = true;
		call_stop_all(cloud);
		rename_stop_all(cloud);
		check_stop(cloud);
	}
}

void gateway_cloud_destroy(struct gateway_cloud *cloud)
{
	if (cloud) {
		cJSON_Delete(cloud->check.links);
		free(cloud);
	}
}
