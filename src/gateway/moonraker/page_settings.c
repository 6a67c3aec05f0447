/* SPDX-License-Identifier: MIT */
#include "gateway/moonraker/internal.h"

#include <string.h>

/*
 * What Mainsail takes over at its first start, as its makers let those who ship it: the panels that
 * would show or offer what no printer of this kind tells or does are hidden. People may have them
 * back by its settings.
 */

#define PANEL(name, shown) "{\"name\":\"" name "\",\"visible\":" #shown "}"
#define LEFT_PANELS                                                                             \
	PANEL("webcam", true)                                                                   \
	"," PANEL("toolhead-control", true) "," PANEL("extruder-control", true) "," PANEL(      \
		"macros", true) "," PANEL("machine-settings", false) "," PANEL("miscellaneous", \
									       true)

static const char settings[] =
	"{\"dashboard\":{"
	"\"mobileLayout\":[" LEFT_PANELS "," PANEL("temperature", true) "," PANEL(
		"miniconsole",
		false) "],"
		       "\"tabletLayout1\":[" LEFT_PANELS "],"
		       "\"desktopLayout1\":[" LEFT_PANELS "],"
		       "\"widescreenLayout2\":[" PANEL("temperature", true) "," PANEL(
			       "machine-settings",
			       false) "]},"
				      /* Configuration, endstops and logs: there are none. */
				      "\"navigation\":{\"entries\":[{\"type\":\"route\",\"title\":"
				      "\"Machine\",\"visible\":false,"
				      "\"position\":90}]},"
				      /* No file can be sent to a printer yet. */
				      "\"uiSettings\":{\"boolHideUploadAndPrintButton\":true},"
				      "\"view\":{\"toolhead\":{\"showPosition\":false,"
				      "\"showCoordinates\":false,"
				      "\"showSpeedFactor\":false},\"extruder\":{"
				      "\"showExtrusionFactor\":false,"
				      "\"showPressureAdvance\":false,\"showFirmwareRetraction\":"
				      "false}}}";

static const char maintenance[] = "{\"entries\":[]}";

static void respond_settings(struct http_request *request, struct moonraker *moonraker,
			     const char *text)
{
	if (moonraker_printer_of(moonraker, request)) {
		http_respond(request, &(struct http_response){.status = MOONRAKER_OK,
							      .content_type = "application/json",
							      .body = text,
							      .length = strlen(text)});
	}
}

void moonraker_page_settings(struct http_request *request, void *context)
{
	respond_settings(request, context, settings);
}

void moonraker_page_maintenance(struct http_request *request, void *context)
{
	respond_settings(request, context, maintenance);
}
