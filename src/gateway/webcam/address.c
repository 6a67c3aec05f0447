/* SPDX-License-Identifier: MIT */
#include "gateway/webcam/address.h"

#include <stdio.h>

bool webcam_exists(const struct webcam_book *book, const struct fleet_printer *printer)
{
	enum flagship_model model = fleet_printer_state(printer)->model;

	return webcam_book_url(book, fleet_printer_serial(printer)) ||
	       (model != FLAGSHIP_MODEL_M5C && model != FLAGSHIP_MODEL_E1);
}

void webcam_place_of(const struct access *access, const struct http_request *request,
		     struct webcam_place *place)
{
	struct access_place from;

	access_place_of(access, request, &from);
	snprintf(place->origin, sizeof(place->origin), "%s://%.256s",
		 from.is_tls ? "https" : "http", from.host ? from.host : "localhost");
	place->own_port = http_request_listener(request) != NULL;
}

void webcam_write_url(const struct webcam_place *place, bool whole, const char *serial,
		      const char *action, const struct access_identity *identity,
		      char out[WEBCAM_URL_SIZE])
{
	char pass[ACCESS_PASS_SIZE] = "";
	bool passes = identity && access_make_pass(identity, serial, pass);

	snprintf(out, WEBCAM_URL_SIZE, "%s%s%s%s" WEBCAM_PATH "?action=%s%s%s",
		 whole ? place->origin : "", place->own_port ? "" : WEBCAM_PATH_BELOW,
		 place->own_port ? "" : "/", place->own_port ? "" : serial, action,
		 passes ? "&pass=" : "", passes ? pass : "");
}
