/* SPDX-License-Identifier: MIT */
#include "gateway/moonraker/internal.h"

#include <string.h>

/*
 * What pages take over at their first start: the panels that would show or offer what no printer of
 * this kind tells or does are hidden. People may have them back by the settings of the page.
 */

/* Of Mainsail, as its makers let those who ship it: configuration, endstops and logs are the entry
 * "Machine". */
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
				      "\"navigation\":{\"entries\":[{\"type\":\"route\",\"title\":"
				      "\"Machine\",\"visible\":false,"
				      "\"position\":90}]},"
				      "\"view\":{\"toolhead\":{\"showPosition\":false,"
				      "\"showCoordinates\":false,"
				      "\"showSpeedFactor\":false},\"extruder\":{"
				      "\"showExtrusionFactor\":false,"
				      "\"showPressureAdvance\":false,\"showFirmwareRetraction\":"
				      "false}}}";

/* Of Fluidd, which has no such file and adds to a layout what it lacks: in the database. */
#define HIDDEN_CARD(name) "{\"id\":\"" name "\",\"enabled\":false,\"collapsed\":false}"

const char moonraker_first_items[] =
	"{\"fluidd\":{\"layout\":{\"layouts\":{\"dashboard\":{\"container1\":[" HIDDEN_CARD(
		"toolhead-card") "," HIDDEN_CARD("printer-limits-card") "]}}}}}";

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
