/* SPDX-License-Identifier: MIT */
#include "vendor/api/answer.h"
#include "vendor/api/internal.h"

#include <inttypes.h>
#include <stdio.h>

#define STATUS_NOT_FOUND  404
#define STATUS_BAD_METHOD 405
#define STATUS_GONE       410
#define CODE_SUCCESS      200 /* on the signed session, beside 0 */
#define EXCHANGE_NAME     "key exchange"

static const char *name_of(const struct vendor_request *request)
{
	return request->exchanging ? EXCHANGE_NAME : vendor_call_name(request->call);
}

bool vendor_path_is_unknown(long status)
{
	return status == STATUS_NOT_FOUND || status == STATUS_BAD_METHOD || status == STATUS_GONE;
}

static bool wants_second_factor(const struct vendor_request *request,
				const struct vendor_envelope *envelope)
{
	return request->call == VENDOR_LOGIN && (envelope->code == VENDOR_CODE_SECOND_FACTOR ||
						 vendor_answer_wants_second_factor(envelope->data));
}

/* What the service's code means. */
static void judge_code(const struct vendor_request *request, struct vendor_envelope *envelope,
		       struct vendor_answer *answer)
{
	answer->code = envelope->code;
	answer->message = envelope->message;
	answer->data = envelope->data;
	if ((request->sealed || request->exchanging) && envelope->code == CODE_SUCCESS) {
		envelope->code = 0;
	}
	if (request->exchanging) {
		answer->outcome = envelope->code == 0 ? VENDOR_DONE : VENDOR_REFUSED;
	} else if (vendor_call_needs_token(request->call) &&
		   vendor_answer_token_expired(answer->status, envelope)) {
		answer->outcome = VENDOR_EXPIRED;
	} else if (wants_second_factor(request, envelope)) {
		answer->outcome = VENDOR_SECOND_FACTOR;
	} else if (envelope->code == 0 && answer->status == VENDOR_STATUS_OK) {
		answer->outcome = VENDOR_DONE;
	} else if (request->call == VENDOR_LOGIN && vendor_answer_wants_captcha(envelope->data)) {
		answer->outcome = VENDOR_CAPTCHA;
	} else if (envelope->code != 0) {
		answer->outcome = VENDOR_REFUSED;
	}
}

/* An answer's data that is a text is sealed; a refusal may well come bare. */
static bool unseal(struct vendor_request *request, struct vendor_envelope *envelope)
{
	if (!request->sealed || envelope->data.length == 0 || envelope->data.data[0] != '"') {
		return true;
	}
	if (vendor_session_unseal(&request->api->session, envelope->data, &request->opened,
				  &request->opened_length) != 0) {
		envelope->data = (struct flagship_json){0};
		return envelope->code != 0 && envelope->code != CODE_SUCCESS;
	}
	envelope->data = (struct flagship_json){request->opened, (uint32_t)request->opened_length};
	return true;
}

void vendor_outcome_judge(struct vendor_request *request, const struct http_answer *http,
			  struct vendor_envelope *envelope, struct vendor_answer *answer)
{
	if (http->failure != HTTP_FAILURE_NONE) {
		answer->outcome = VENDOR_UNREACHABLE;
		return;
	}
	if (http->status == VENDOR_STATUS_TOO_MANY) {
		answer->outcome = VENDOR_BUSY;
		return;
	}
	if (vendor_answer_read(http->body, http->length, envelope) == 0) {
		if (!unseal(request, envelope)) {
			return;
		}
		judge_code(request, envelope, answer);
	} else if (vendor_call_needs_token(request->call) &&
		   vendor_answer_token_expired(http->status, envelope)) {
		answer->outcome = VENDOR_EXPIRED;
	}
}

static void describe_broken(const char *host, const char *call, const struct vendor_answer *answer,
			    char detail[HTTP_DETAIL_MAX])
{
	if (answer->status == VENDOR_STATUS_OK) {
		snprintf(detail, HTTP_DETAIL_MAX,
			 "%s answered '%s' with something that is no JSON "
			 "of the API, or only a part of it",
			 host, call);
	} else if (vendor_path_is_unknown(answer->status)) {
		snprintf(detail, HTTP_DETAIL_MAX,
			 "%s does not know the call '%s' (HTTP status %ld): is it the API?", host,
			 call, answer->status);
	} else {
		snprintf(detail, HTTP_DETAIL_MAX,
			 "%s answered '%s' with HTTP status %ld, tried %u times; try later", host,
			 call, answer->status, answer->tries);
	}
}

static void describe_refusal(const char *host, const char *call, const struct vendor_answer *answer,
			     const struct vendor_reason *reason, char detail[HTTP_DETAIL_MAX])
{
	bool spoke = answer->message[0] != '\0';

	if (reason) {
		snprintf(detail, HTTP_DETAIL_MAX, "%s refuses '%s': %s (code %" PRId64 "%s%s); %s",
			 host, call, reason->what, reason->code, spoke ? ": " : "", answer->message,
			 reason->advice);
	} else {
		snprintf(detail, HTTP_DETAIL_MAX, "%s refuses '%s': %s (code %" PRId64 ")", host,
			 call, spoke ? answer->message : "it does not say why", answer->code);
	}
}

static const struct vendor_reason *reason_of(const struct vendor_request *request,
					     const struct vendor_answer *answer)
{
	if (request->call != VENDOR_LOGIN || request->exchanging) {
		return NULL;
	}
	return vendor_reason_of(answer->outcome == VENDOR_SECOND_FACTOR ? VENDOR_CODE_SECOND_FACTOR
									: answer->code);
}

void vendor_outcome_describe(const struct vendor_request *request, const struct http_answer *http,
			     const struct vendor_answer *answer, char detail[HTTP_DETAIL_MAX])
{
	const char *host = request->api->host;
	const char *call = name_of(request);

	detail[0] = '\0';
	switch (answer->outcome) {
	case VENDOR_UNREACHABLE:
		snprintf(detail, HTTP_DETAIL_MAX, "%s", http->detail);
		break;
	case VENDOR_BUSY:
		if (answer->wait_s > 0) {
			snprintf(detail, HTTP_DETAIL_MAX,
				 "%s has had too many requests; it asks to wait %" PRId64 " s",
				 host, answer->wait_s);
		} else {
			snprintf(detail, HTTP_DETAIL_MAX, "%s has had too many requests; try later",
				 host);
		}
		break;
	case VENDOR_BROKEN:
		describe_broken(host, call, answer, detail);
		break;
	case VENDOR_EXPIRED:
		snprintf(detail, HTTP_DETAIL_MAX, "%s does not take the token any more%s%s", host,
			 answer->message[0] ? ": " : "", answer->message);
		break;
	case VENDOR_REFUSED:
	case VENDOR_CAPTCHA:
	case VENDOR_SECOND_FACTOR:
		describe_refusal(host, call, answer, reason_of(request, answer), detail);
		break;
	case VENDOR_DONE:
		break;
	}
}
