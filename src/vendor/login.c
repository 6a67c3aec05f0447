/* SPDX-License-Identifier: MIT */
#include "vendor/login.h"

#include "vendor/import/import.h"

#include <flagship/error.h>

#include <openssl/crypto.h>

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define CAPTCHAS_MAX 3
#define CODES_MAX    3
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

/* How far a login is. */
struct course {
	struct attempt *attempt;
	struct vendor_parameters parameters;
	struct service_answer answer; /* the last */
	struct vendor_captcha captcha;
	char solved[ANSWER_MAX];
	char code[LOGIN_CODE_MAX]; /* of a second factor; secret */
	unsigned int captchas;
	unsigned int codes;
};

static enum service_failure call_again(struct course *course, struct problem *problem)
{
	service_answer_finish(&course->answer);
	return service_call(&course->attempt->service, VENDOR_LOGIN, &course->parameters,
			    &course->answer, problem);
}

static enum service_failure solve_captcha(struct course *course, struct problem *problem)
{
	const struct login *login = course->attempt->login;

	vendor_captcha_finish(&course->captcha);
	if (vendor_captcha_read(course->answer.data, &course->captcha) != 0) {
		problem_set(problem,
			    "the service wants a captcha solved, but sends no picture that "
			    "can be shown");
		return SERVICE_NOT_ALLOWED;
	}
	if (!login->solve(login->context, &course->captcha, course->solved, ANSWER_MAX)) {
		return SERVICE_GIVEN_UP;
	}
	course->parameters.captcha_id = course->captcha.id;
	course->parameters.captcha_answer = course->solved;
	return call_again(course, problem);
}

/* --- the second factor --- */

static bool wants_code(const struct course *course)
{
	const struct service_answer *answer = &course->answer;

	return answer->outcome == VENDOR_SECOND_FACTOR ||
	       (course->codes > 0 && answer->outcome == VENDOR_REFUSED &&
		vendor_factor_verdict_of(answer->code) != VENDOR_FACTOR_OTHER);
}

static enum login_code_reason reason_of_code(const struct course *course)
{
	if (course->codes == 0) {
		return LOGIN_CODE_SENT;
	}
	return vendor_factor_verdict_of(course->answer.code) == VENDOR_FACTOR_EXPIRED
		       ? LOGIN_CODE_EXPIRED
		       : LOGIN_CODE_WRONG;
}

/* The token that comes with the wish for a code. */
static enum service_failure take_factor_token(struct course *course, struct problem *problem)
{
	struct vendor_factor_token token;
	int error = vendor_factor_token_read(course->answer.data, &token);

	if (error && course->codes > 0) {
		return SERVICE_OK; /* It is the one that came first. */
	}
	if (!error) {
		error = vendor_api_set_login(course->attempt->service.api, token.auth_token,
					     token.user_id);
		OPENSSL_cleanse(&token, sizeof(token));
	}
	if (!error) {
		return SERVICE_OK;
	}
	problem_set(problem,
		    "the account is protected by a second factor, but the answer of the service "
		    "holds no token to have its code sent with; " VENDOR_ADVICE_IMPORT);
	return SERVICE_NOT_ALLOWED;
}

static enum service_failure send_code(struct course *course, struct problem *problem)
{
	struct service_answer answer;
	enum service_failure failure = service_call(&course->attempt->service, VENDOR_SEND_CODE,
						    NULL, &answer, problem);

	if (!failure && answer.outcome == VENDOR_UNREACHABLE) {
		failure = service_answer_check(&answer, problem);
	} else if (!failure && answer.outcome != VENDOR_DONE) {
		problem_set(problem,
			    "the account is protected by a second factor, but its code cannot be "
			    "had: %s; " VENDOR_ADVICE_IMPORT,
			    answer.detail);
		failure = SERVICE_NOT_ALLOWED;
	}
	service_answer_finish(&answer);
	return failure;
}

/* Codes are shown, and copied, in groups. */
static void drop_blanks(char *text)
{
	char *out = text;

	for (; *text; text++) {
		if (*text != ' ' && *text != '\t') {
			*out++ = *text;
		}
	}
	*out = '\0';
}

static enum service_failure give_code(struct course *course, struct problem *problem)
{
	const struct login *login = course->attempt->login;
	enum login_code_reason reason = reason_of_code(course);
	enum service_failure failure = take_factor_token(course, problem);

	if (!failure && reason != LOGIN_CODE_WRONG) {
		failure = send_code(course, problem);
	}
	if (failure) {
		return failure;
	}
	if (!login->give_code(login->context, reason, course->code)) {
		return SERVICE_GIVEN_UP;
	}
	drop_blanks(course->code);
	course->codes++;
	course->parameters.code = course->code;
	/* A picture is read once. */
	course->parameters.captcha_id = NULL;
	course->parameters.captcha_answer = NULL;
	return call_again(course, problem);
}

static enum service_failure check_answer(const struct course *course, struct problem *problem)
{
	if (course->codes == 0 || !wants_code(course)) {
		return service_answer_check(&course->answer, problem);
	}
	problem_set(problem,
		    "the code of the second factor was wrong, %u times: log in again, which has "
		    "another one sent, or " VENDOR_ADVICE_IMPORT,
		    course->codes);
	return SERVICE_NOT_ALLOWED;
}

/* Until the service is content, or has wanted too much. */
static enum service_failure follow_course(struct course *course, struct problem *problem)
{
	const struct login *login = course->attempt->login;
	enum service_failure failure = call_again(course, problem);

	while (!failure) {
		if (course->answer.outcome == VENDOR_CAPTCHA && course->captchas < CAPTCHAS_MAX) {
			course->captchas++;
			failure = solve_captcha(course, problem);
		} else if (wants_code(course) && login->give_code && course->codes < CODES_MAX) {
			failure = give_code(course, problem);
		} else {
			return check_answer(course, problem);
		}
	}
	return failure;
}

static enum service_failure call_login(struct attempt *attempt, struct service_answer *answer,
				       struct problem *problem)
{
	const struct login *login = attempt->login;
	struct course course = {
		.attempt = attempt,
		.parameters = {.email = login->email,
			       .password = login->password,
			       .service_key = attempt->service_key[0] ? attempt->service_key : NULL,
			       .country = country_of(login)},
	};
	enum service_failure failure = follow_course(&course, problem);

	*answer = course.answer;
	vendor_captcha_finish(&course.captcha);
	OPENSSL_cleanse(&course, sizeof(course));
	return failure;
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
