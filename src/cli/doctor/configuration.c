/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "cli/doctor/doctor.h"

#include "cli/codec/capture.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/target/stored.h"
#include "store/file/paths.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* File servers may run a little ahead. */
#define CLOCK_SLACK_S   300

#define PATH_FOR_PEOPLE "%.512s"

static const char *describe_trust(const struct doctor *doctor)
{
	const struct mqtt_session_options *session = &doctor->login->session;

	if (session->plain) {
		return "no TLS";
	}
	switch (doctor->trust.mode) {
	case TRUST_CA_FILE:
		return "a CA of your own";
	case TRUST_PIN:
		return session->trust.pin_sha256 ? "a pinned certificate"
						 : "the vendor's certificate, built in";
	case TRUST_INSECURE:
		return "any certificate";
	case TRUST_SYSTEM:
		break;
	}
	return "the CAs of this system";
}

static void report_well(struct doctor *doctor, const char *reported)
{
	const struct target *target = doctor->target;
	char label[TARGET_LABEL_MAX];
	int64_t expires_at = target->account ? target->account->login.token_expires_at : 0;
	bool expired = expires_at > 0 && expires_at <= clock_unix_s();

	/* The printers are reached without it. */
	doctor_well(&doctor->report, "printer %s, broker %s, trusting %s, %s%s%s%s",
		    target_label(target, label), doctor->login->endpoint, describe_trust(doctor),
		    target->account ? "with the login and key that are stored" : "no account",
		    expired ? "; the token has expired, so that new printers are not seen: run "
			      "flagship login"
			    : "",
		    reported[0] != '\0' ? "; " : "", reported);
}

static void report_broken(struct doctor *doctor, const char *reported)
{
	bool any = doctor->accounts.count > 0;
	const char *advice =
		doctor->options.accounts_file
			? "give --accounts the file gateway.json of the folder of a cloud that has "
			  "printers, and one of them as -p"
		: any ? "flagship printers --offline lists the printers that are known; -p names "
			"one"
		      : "run flagship import or flagship login, or give --broker, --serial and "
			"--key-file";

	doctor_broken(&doctor->report, CLI_NOT_CONFIGURED, advice, "%s",
		      reported[0] != '\0' ? reported : "the configuration cannot be read");
}

static void check_configuration(struct doctor *doctor)
{
	struct capture capture;
	char reported[DOCTOR_DETAIL_MAX];
	char ignored[DOCTOR_DETAIL_MAX];

	if (!doctor_begin(&doctor->report, "config", NULL)) {
		return;
	}
	capture_begin(&capture);
	int result = targets_init(&doctor->targets, &doctor->options, TARGETS_ONE);
	capture_end(&capture, reported, sizeof(reported));
	/* Once more for the keys of all: what is wrong with the file was said by then. */
	capture_begin(&capture);
	(void)stored_accounts_load_file(doctor->options.accounts_file, &doctor->accounts);
	capture_end(&capture, ignored, sizeof(ignored));
	if (result != OPTIONS_RUN) {
		report_broken(doctor, reported);
		return;
	}
	doctor->target = &doctor->targets.printers[0];
	doctor->login = &doctor->targets.logins[doctor->target->login];
	if (!doctor->login->session.plain &&
	    trust_init(&doctor->trust, &doctor->login->session.trust,
		       doctor->login->session.host) != 0) {
		doctor_broken(
			&doctor->report, CLI_NOT_CONFIGURED,
			"check the CA file or the pin, on the command line, in flagship config "
			"show, or in flagship accounts",
			"%s", doctor->trust.detail);
		return;
	}
	report_well(doctor, reported);
}

/* Something that cannot lie in the future. */
struct witness {
	char about[DOCTOR_DETAIL_MAX / 2];
	int64_t at_s;
};

static void receive(struct witness *latest, int64_t at_s, const char *what, const char *which)
{
	if (at_s > latest->at_s) {
		latest->at_s = at_s;
		snprintf(latest->about, sizeof(latest->about), "%s " PATH_FOR_PEOPLE, what, which);
	}
}

static void receive_file(struct witness *latest, const char *path)
{
	struct stat status;

	if (path && stat(path, &status) == 0) {
		receive(latest, (int64_t)status.st_mtime, "the last change of", path);
	}
}

static struct witness receive_all(const struct doctor *doctor)
{
	const struct trust_options *trust = &doctor->login->session.trust;
	const struct store_account *account = doctor->target->account;
	struct witness latest = {.at_s = INT64_MIN};
	char path[PATH_MAX];

	if (store_accounts_path(path)) {
		receive_file(&latest, path);
	}
	if (store_settings_path(path)) {
		receive_file(&latest, path);
	}
	receive_file(&latest, doctor->options.key.file);
	if (trust->ca_file) {
		receive_file(&latest, trust->ca_file);
		receive(&latest, probe_valid_from(trust->ca_file), "the certificate in",
			trust->ca_file);
	}
	if (account) {
		receive(&latest, account->refreshed_at, "the last refresh of its", "account");
	}
	return latest;
}

static void check_clock(struct doctor *doctor)
{
	char now_text[DOCTOR_TIME_MAX];
	char then_text[DOCTOR_TIME_MAX];
	int64_t now_s = clock_unix_s();

	if (!doctor_begin(&doctor->report, "clock", NULL)) {
		return;
	}
	const struct witness latest = receive_all(doctor);

	doctor_format_time(now_s, now_text);
	if (latest.at_s > now_s + CLOCK_SLACK_S) {
		doctor_broken(&doctor->report, CLI_FAILED,
			      "set the clock of this machine, best by NTP: certificates cannot be "
			      "judged without",
			      "this machine says %s, but %s is of %s", now_text, latest.about,
			      doctor_format_time(latest.at_s, then_text));
		return;
	}
	doctor_well(&doctor->report, "%s", now_text);
}

void doctor_check_configuration(struct doctor *doctor)
{
	check_configuration(doctor);
	check_clock(doctor);
}
