/* SPDX-License-Identifier: MIT */
#include "vendor/login.h"

#include "vendor/import/import.h"

#include <flagship/error.h>

#include <openssl/crypto.h>

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define CAPTCHAS_MAX 3
#define ANSWER_MAX   64
#define REGIONS      2

static_assert(REGIONS <= REGION_SERVICES_MAX, "both regions are asked at once");

/* What is known of the service so far. */
struct attempt {
	struct login *login;
	struct service service;
	char service_key[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE]; /* "": the vendor's */
	bool measured;                                    /* the region was not given */
};

static void write_vendor_url(enum flagship_region region, char out[STORE_TEXT_MAX])
{
	snprintf(out, STORE_TEXT_MAX, "https://%s", flagship_region_api_host(region));
}

/* The vendor's service of each region. */
static enum service_failure choose_vendor(struct attempt *attempt, struct problem *problem)
{
	struct login *login = attempt->login;
	char urls[REGIONS][STORE_TEXT_MAX];
	const char *list[REGIONS] = {urls[FLAGSHIP_REGION_US], urls[FLAGSHIP_REGION_EU]};
	size_t chosen = login->region == LOGIN_REGION_US ? FLAGSHIP_REGION_US : FLAGSHIP_REGION_EU;

	write_vendor_url(FLAGSHIP_REGION_US, urls[FLAGSHIP_REGION_US]);
	write_vendor_url(FLAGSHIP_REGION_EU, urls[FLAGSHIP_REGION_EU]);
	if (login->region == LOGIN_REGION_AUTO && login->country) {
		chosen = flagship_region_from_country(login->country);
	} else if (login->region == LOGIN_REGION_AUTO) {
		attempt->measured = true;
		enum service_failure failure = region_measure(
			&login->region_handlers, list, REGIONS, &login->settings, &chosen, problem);
		if (failure) {
			return failure;
		}
	}
	login->account.login.region = (enum flagship_region)chosen;
	memcpy(login->url, urls[chosen], sizeof(login->url));
	return SERVICE_OK;
}

static enum service_failure choose_service(struct attempt *attempt, struct problem *problem)
{
	struct login *login = attempt->login;
	enum service_failure failure = SERVICE_OK;
	size_t chosen = 0;

	if (login->api_count == 0) {
		return choose_vendor(attempt, problem);
	}
	if (login->api_count > 1) {
		failure = region_measure(&login->region_handlers, login->apis, login->api_count,
					 &login->settings, &chosen, problem);
	}
	if (failure) {
		return failure;
	}
	if (snprintf(login->url, sizeof(login->url), "%s", login->apis[chosen]) >=
	    (int)sizeof(login->url)) {
		problem_set(problem, "the address of the service is too long: %s",
			    login->apis[chosen]);
		return SERVICE_UNUSABLE;
	}
	snprintf(login->account.api, sizeof(login->account.api), "%s", login->url);
	return SERVICE_OK;
}

/* What passwords are encrypted for: a local cloud tells, where the caller does not know it. */
static enum service_failure find_service_key(struct attempt *attempt, struct problem *problem)
{
	const struct login *login = attempt->login;
	struct service_answer answer;

	if (login->service_key) {
		assert(strlen(login->service_key) < sizeof(attempt->service_key));
		memcpy(attempt->service_key, login->service_key, strlen(login->service_key) + 1);
		return SERVICE_OK;
	}
	if (!login->account.api[0]) {
		return SERVICE_OK;
	}
	enum service_failure failure = service_call(&attempt->service, VENDOR_SERVICE, NULL,
						    &answer, problem);
	if (!failure && answer.outcome == VENDOR_UNREACHABLE) {
		failure = service_answer_check(&answer, problem);
	} else if (!failure && answer.outcome == VENDOR_DONE) {
		import_service_key(answer.data, attempt->service_key);
	}
	service_answer_finish(&answer);
	return failure;
}

/* Where it is not given, one of the region. */
static const char *country_of(const struct login *login)
{
	if (login->country) {
		return login->country;
	}
	return login->account.login.region == FLAGSHIP_REGION_US ? "US" : "DE";
}

static enum service_failure solve_captcha(struct attempt *attempt, struct service_answer *answer,
					  struct vendor_captcha *captcha,
					  struct vendor_parameters *parameters,
					  char solved[ANSWER_MAX], struct problem *problem)
{
	const struct login *login = attempt->login;

	vendor_captcha_finish(captcha);
	if (vendor_captcha_read(answer->data, captcha) != 0) {
		problem_set(problem,
			    "the service wants a captcha solved, but sends no picture that "
			    "can be shown");
		return SERVICE_NOT_ALLOWED;
	}
	if (!login->solve(login->context, captcha, solved, ANSWER_MAX)) {
		return SERVICE_GIVEN_UP;
	}
	parameters->captcha_id = captcha->id;
	parameters->captcha_answer = solved;
	service_answer_finish(answer);
	return service_call(&attempt->service, VENDOR_LOGIN, parameters, answer, problem);
}

/* Until the service is content, or has wanted too many captchas. */
static enum service_failure call_login(struct attempt *attempt, struct service_answer *answer,
				       struct problem *problem)
{
	const struct login *login = attempt->login;
	struct vendor_parameters parameters = {
		.email = login->email,
		.password = login->password,
		.service_key = attempt->service_key[0] ? attempt->service_key : NULL,
		.country = country_of(login),
	};
	struct vendor_captcha captcha = {0};
	char solved[ANSWER_MAX];
	enum service_failure failure = service_call(&attempt->service, VENDOR_LOGIN, &parameters,
						    answer, problem);

	for (int i = 0; i < CAPTCHAS_MAX && !failure && answer->outcome == VENDOR_CAPTCHA; i++) {
		failure = solve_captcha(attempt, answer, &captcha, &parameters, solved, problem);
	}
	vendor_captcha_finish(&captcha);
	return failure ? failure : service_answer_check(answer, problem);
}

/*
 * The address is the MQTT password too, so that it has to be the right one: it may have come
 * sealed for this login, and else the one that logged in is it.
 */
static void settle_email(const struct attempt *attempt, const struct service_answer *answer)
{
	struct flagship_account *found = &attempt->login->account.login;
	char key[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE];
	char opened[FLAGSHIP_ACCOUNT_FIELD_MAX] = "";

	if (strchr(found->email, '@')) {
		return;
	}
	if (found->email[0] && import_server_secret_key(answer->data, key) &&
	    vendor_api_open_secret(attempt->service.api, found->email, key, opened,
				   sizeof(opened)) == 0 &&
	    strchr(opened, '@')) {
		memcpy(found->email, opened, sizeof(found->email));
	} else {
		snprintf(found->email, sizeof(found->email), "%s", attempt->login->email);
	}
	OPENSSL_cleanse(opened, sizeof(opened));
}

static enum service_failure take_login(const struct attempt *attempt,
				       const struct service_answer *answer, struct problem *problem)
{
	const struct login *login = attempt->login;
	struct flagship_account *found = &attempt->login->account.login;
	enum flagship_region region = found->region;
	int error = flagship_account_parse(answer->data.data, answer->data.length, found);

	if (error || !found->auth_token[0]) {
		problem_set(problem,
			    "the service took the password, but its answer holds no login: %s",
			    error ? flagship_strerror(error) : "there is no token");
		return SERVICE_FAILED;
	}
	settle_email(attempt, answer);
	if (!found->country[0] && login->country) {
		snprintf(found->country, sizeof(found->country), "%s", login->country);
	}
	if (login->region != LOGIN_REGION_AUTO || !found->country[0]) {
		found->region = region;
	} else {
		found->region = flagship_region_from_country(found->country);
	}
	return SERVICE_OK;
}

static enum service_failure log_in(struct attempt *attempt, struct problem *problem)
{
	struct login *login = attempt->login;
	struct service_answer answer = {0};
	enum service_failure failure = service_open(&attempt->service, login->url, &login->settings,
						    NULL, problem);

	if (failure) {
		return failure;
	}
	failure = find_service_key(attempt, problem);
	if (!failure) {
		failure = call_login(attempt, &answer, problem);
	}
	if (!failure) {
		failure = take_login(attempt, &answer, problem);
		/* What the plain login was closed for, the other calls may be closed for too. */
		if (vendor_api_is_signed(attempt->service.api)) {
			login->settings.session = VENDOR_SESSION_SIGNED;
		}
	}
	service_answer_finish(&answer);
	service_close(&attempt->service);
	return failure;
}

/* The service that was asked may not be the one of the account: the answer names it, or else its
 * country tells. */
static void follow_region(const struct attempt *attempt)
{
	struct login *login = attempt->login;
	char url[STORE_TEXT_MAX];
	char usual[STORE_TEXT_MAX];

	if (login->account.api[0]) {
		return;
	}
	store_account_api(&login->account, url);
	write_vendor_url(login->account.login.region, usual);
	if (!attempt->measured && strcmp(url, usual) == 0) {
		return; /* As it was wished for. */
	}
	login->moved = strcmp(url, login->url) != 0;
	memcpy(login->url, url, sizeof(login->url));
}

enum service_failure login_run(struct login *login, struct problem *problem)
{
	struct attempt attempt = {.login = login};
	enum service_failure failure = choose_service(&attempt, problem);

	if (!failure) {
		failure = log_in(&attempt, problem);
	}
	if (!failure) {
		follow_region(&attempt);
	}
	return failure;
}
