/* SPDX-License-Identifier: MIT */
#include "cloud/broker/plugin/proof/key_fit.h"

#include "base/clock.h"
#include "cloud/broker/plugin/once_a_minute.h"
#include "cloud/broker/plugin/proof/proof.h"

#include <mosquitto.h>
#include <openssl/crypto.h>

#define TEST_EVERY_S 1

static void log_misfit(const struct plugin_client *client, struct registry *registry,
		       struct broker_status_printer *slot,
		       const struct mosquitto_evt_acl_check *event)
{
	const char *address = mosquitto_client_address(event->client);
	struct registry_printer printer = {0};

	if (!once_a_minute(&slot->misfit_reported_at, clock_steady_s())) {
		return;
	}
	if (registry_find_printer(registry, client->login.serial, &printer) != 1) {
		return;
	}
	mosquitto_log_printf(
		MOSQ_LOG_WARNING,
		"flagship: printer %s%s%s: the key that the cloud has does not open what %s from "
		"%s sends%s: put the right one in its place with flagship cloud set-printer "
		"--key-file, or with flagship refresh and flagship cloud adopt",
		printer.name, printer.name[0] != '\0' ? " " : "", client->login.serial,
		mosquitto_client_id(event->client), address ? address : "an unknown address",
		client->login.role == ACCESS_UNPROVEN ? ", which is not proven to be it" : "");
	OPENSSL_cleanse(&printer, sizeof(printer));
}

void key_fit_note(struct plugin_client *client, struct registry *registry,
		  struct broker_status *status, const struct mosquitto_evt_acl_check *event,
		  enum proof proof)
{
	int64_t now_s = clock_unix_s();

	/* Slots are few: a stranger gets none for a serial number that he thought up. */
	if (proof == PROOF_UNTESTED) {
		return;
	}
	struct broker_status_printer *slot = client->printer
						     ? client->printer
						     : broker_status_printer(status,
									     client->login.serial);
	if (!slot) {
		return;
	}
	if (proof != PROOF_MISFIT) {
		slot->opened_at = now_s;
		slot->misfit_at = 0;
		client->opened = true;
	} else if (client->printer || slot->connections == 0) {
		/* While the printer itself is here, what another one says in its name is no news
		 * of it. */
		slot->misfit_at = now_s;
		log_misfit(client, registry, slot, event);
	}
}

void key_fit_watch(struct plugin_client *client, struct registry *registry,
		   struct broker_status *status, const struct mosquitto_evt_acl_check *event)
{
	if (client->login.role != ACCESS_PRINTER || client->opened) {
		return;
	}
	int64_t now_s = clock_steady_s();
	if (now_s - client->tested_at < TEST_EVERY_S) {
		return;
	}
	client->tested_at = now_s;
	key_fit_note(client, registry, status, event,
		     proof_check(registry, NULL, client->login.serial, event->payload,
				 event->payloadlen));
}
