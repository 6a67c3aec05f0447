/* SPDX-License-Identifier: MIT */
#include "gateway/accounts/accounts.h"

#include "gateway/accounts/internal.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>

#define ROOT  REST_ROOT "/accounts"
#define LOGIN ROOT "/login"

static const struct http_route routes[] = {
	{.methods = HTTP_GET, .path = ROOT, .rights = WEB_ADMIN, .handle = accounts_get_all},
	{.methods = HTTP_POST,
	 .path = ROOT,
	 .rights = WEB_ADMIN,
	 .handle = accounts_post,
	 .body_max = ACCOUNTS_BODY_MAX},
	{.methods = HTTP_POST, .path = LOGIN, .rights = WEB_ADMIN, .handle = accounts_post_login},
	{.methods = HTTP_POST,
	 .path = ROOT "/look",
	 .rights = WEB_ADMIN,
	 .handle = accounts_post_look},
	{.methods = HTTP_POST,
	 .path = LOGIN "/{login}",
	 .rights = WEB_ADMIN,
	 .handle = accounts_post_answer},
	{.methods = HTTP_DELETE,
	 .path = ROOT "/{account}",
	 .rights = WEB_ADMIN,
	 .handle = accounts_delete},
	{.methods = HTTP_DELETE,
	 .path = REST_ROOT "/printers/{printer}",
	 .rights = WEB_ADMIN,
	 .handle = accounts_delete_printer},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/doctor",
	 .rights = WEB_ADMIN,
	 .handle = accounts_get_doctor},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/printers/{printer}/doctor",
	 .rights = WEB_OPERATE,
	 .handle = accounts_get_printer_doctor},
};

int accounts_create(uv_loop_t *loop, const struct accounts_options *options, struct accounts **out)
{
	struct accounts *accounts = calloc(1, sizeof(*accounts));

	*out = accounts;
	if (!accounts) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	accounts->loop = loop;
	accounts->printers = options->printers;
	accounts->access = options->access;
	accounts->log = options->log;
	accounts->timeout_ms = options->timeout_ms;
	accounts->lan_holder = options->lan_holder;
	accounts->lan_context = options->context;
	snprintf(accounts->account_program, sizeof(accounts->account_program), "%s",
		 options->account_program);
	snprintf(accounts->main_program, sizeof(accounts->main_program), "%s",
		 options->main_program);
	list_init(&accounts->followed);
	list_init(&accounts->patients);
	turns_open(accounts);
	follow_open(accounts);
	return 0;
}

void accounts_fill_api(struct accounts *accounts, struct web_api *api)
{
	*api = (struct web_api){
		.routes = routes,
		.route_count = sizeof(routes) / sizeof(routes[0]),
		.context = accounts,
		.prefixes = ROOT,
		.refuse = rest_refuse,
		.json_only = true,
	};
}

void accounts_stop(struct accounts *accounts)
{
	if (!accounts || accounts->stopped) {
		return;
	}
	accounts->stopped = true;
	program_kill(accounts->child);
	struct http_request *request = work_end(accounts);
	if (request) {
		work_respond_end(request);
	}
	turns_close(accounts);
	doctor_stop(accounts);
	follow_close(accounts);
}

void accounts_destroy(struct accounts *accounts)
{
	if (accounts) {
		follow_finish(accounts);
		free(accounts);
	}
}
