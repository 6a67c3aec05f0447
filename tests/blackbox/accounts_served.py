# SPDX-License-Identifier: MIT
"""What tests of the gateway's accounts share: what a body says of the test's service, and programs in the place of its children."""

import json

import pytest

from companions import Companions


@pytest.fixture
def service(api, authority, broker):
    """What a body says of the test's service and broker."""
    return {"api": api.url, "broker": broker.url, "ca": str(authority.certificate)}


@pytest.fixture
def credentials(account, service, api):
    return {"email": account.email, "password": account.password, "service_key": api.key.public, **service}


@pytest.fixture
def companions(tmp_path):
    return Companions(tmp_path / "companions")


def secrets_of(account):
    return [account.password, account.token, account.user_id, account.email, "ab" * 32, "cd" * 32, account.dsk_key("AK7ABC0123456789")]


def assert_hidden(account, *texts):
    for text in texts:
        for secret in secrets_of(account):
            assert secret not in (text if isinstance(text, str) else json.dumps(text)), secret
