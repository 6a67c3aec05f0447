/* SPDX-License-Identifier: MIT */
#include "gateway/commands/interfaces.h"

#include "gateway/prusalink/prusalink.h"

#define PORT_APIS_MAX 4

int interfaces_create(struct interfaces *interfaces, uv_loop_t *loop,
		      const struct moonraker_options *options, struct problem *problem)
{
	return moonraker_create(loop, options, &interfaces->moonraker, problem);
}

int interfaces_open_ports(struct interfaces *interfaces, uv_loop_t *loop,
			  struct gateway_printers *printers, const struct serve_options *options,
			  const struct web_options *web, struct problem *problem)
{
	struct web_api apis[PORT_APIS_MAX];
	struct http_options http;
	struct pipe_options pipe;
	size_t count = 0;

	moonraker_fill_api(interfaces->moonraker, true, &apis[count++]);
	octoprint_fill_port_api(interfaces->octoprint, &apis[count++]);
	prusalink_fill_port_api(interfaces->octoprint, &apis[count++]);
	cameras_fill_webcam_api(interfaces->cameras, true, &apis[count++]);
	struct web_options own = *web;

	own.own_ports = true;
	if (web_create(apis, count, &own, &interfaces->web)) {
		return problem_memory(problem);
	}
	web_fill_options(interfaces->web, &http);
	moonraker_fill_pipe(interfaces->moonraker, &pipe);
	const struct gateway_ports_options ports = {
		.printers = printers,
		.access = web->access,
		.log = web->log,
		.http = &http,
		.bind = &options->bind,
		.certificate_file = options->tls_certificate,
		.key_file = options->tls_key,
		.folder = options->folder,
		.pipe = &pipe,
		.base = (uint16_t)options->moonraker_base_port,
	};

	return gateway_ports_create(loop, &ports, &interfaces->ports, problem);
}

void interfaces_stop(struct interfaces *interfaces)
{
	moonraker_stop(interfaces->moonraker);
	gateway_ports_stop(interfaces->ports);
}

void interfaces_destroy(struct interfaces *interfaces)
{
	gateway_ports_destroy(interfaces->ports);
	web_destroy(interfaces->web);
	moonraker_destroy(interfaces->moonraker);
}
