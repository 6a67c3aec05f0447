# SPDX-License-Identifier: MIT
"""Logins from one address and from many, with wrong passwords: while each attack runs, an owner logs in."""

from attack import Repeated, address, log_in
from conftest import ANNE, BOB, PASSWORD
from exchange import login_body
from test_api_bounds import check_owner, target  # noqa: F401  a fixture


def other_account(cloud, number):
    return cloud.stranger | {"email": f"nobody{number}@example.org"}


def test_strangers_who_log_in(target):
    """From ever other addresses, for ever other accounts: nothing slows them down but their number."""
    with Repeated(lambda number: log_in(target, other_account(target, number), address(number % 4000)), 12) as attack:
        attack.await_count(12)
        check_owner(target)
        # An account that was in before has a place, wherever it comes from.
        check_owner(target, "127.0.31.1")


def test_strangers_who_log_in_as_the_owner(target):
    def attempt(number):
        log_in(target, target.stranger | {"email": ANNE}, address(number % 4000))

    with Repeated(attempt, 12) as attack:
        attack.await_count(12)
        check_owner(target)
    # Again, after a start: his tokens tell where he was.
    target.stop()
    target.start()
    with Repeated(attempt, 8):
        check_owner(target)


def test_a_stranger_locks_nobody_out_but_himself(target):
    for _ in range(5):
        assert log_in(target, target.stranger | {"email": BOB}, "127.0.32.1")[0] == 200
    assert log_in(target, target.stranger | {"email": BOB}, "127.0.32.1")[0] == 429
    bob = login_body(BOB, PASSWORD, target.service["data"]["public_key"])
    # Who was never in before gets in as well, since one address alone locks no account.
    check_owner(target, "127.0.32.2", bob)
    # Who was has tries of his own, and no more.
    statuses = [log_in(target, target.stranger | {"email": BOB}, "127.0.32.2")[0] for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2


def test_accounts_are_still_guarded_against_many_addresses(target):
    email = "guessed@example.org"
    statuses = [log_in(target, target.stranger | {"email": email}, f"127.0.33.{number + 1}")[0] for number in range(24)]
    assert statuses[:20] == [200] * 20 and set(statuses[20:]) == {429}
