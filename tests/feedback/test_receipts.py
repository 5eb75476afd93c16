"""Receipts: 120 bits that can be read aloud, kept as a fingerprint, proved by a stub."""

from __future__ import annotations

import datetime as dt
import random
import re

import pytest
from django.test import override_settings

from feedback import receipts
from feedback.keys import ALPHABET
from feedback.rates import HourlyCounter
from feedback.receipts import BadReceipt, Receipt

ON = dt.date(2017, 6, 14)


def some(number: int = 0) -> Receipt:
    return receipts.issue(nonce=f"{number:032x}", content="手套不够用")


def test_it_is_written_in_six_groups_and_a_check_symbol() -> None:
    receipt = some()
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-Z*~$=]", receipt.written)
    assert len({some(n).code for n in range(500)}) == 500


def test_the_same_form_with_the_same_content_comes_to_the_same_code() -> None:
    again = receipts.issue(nonce=f"{0:032x}", content="手套不够用")
    assert again == some()
    assert receipts.issue(nonce=f"{0:032x}", content="手套不够用。") != some()
    assert receipts.issue(nonce="short", content="x") != receipts.issue(nonce="short", content="x")


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda text: text.replace("-", ""),
        lambda text: text.replace("-", " "),
        lambda text: f"  {text}\n",
        lambda text: text.replace("0", "O").replace("1", "l"),
        lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    ],
)
def test_it_is_read_however_it_was_typed(change: object) -> None:
    for number in range(40):
        receipt = some(number)
        check = receipt.check
        body = change(receipt.written[:-1])  # type: ignore[operator]
        assert receipts.read(body + check) == receipt


def test_every_slip_and_every_swap_is_found() -> None:
    chance = random.Random(6)
    for number in range(30):
        receipt = some(number)
        for place, right in enumerate(receipt.code):
            wrong = chance.choice([c for c in ALPHABET if c != right])
            code = receipt.code[:place] + wrong + receipt.code[place + 1 :]
            with pytest.raises(BadReceipt, match="抄错"):
                receipts.read(code + receipt.check)
        for place in range(23):
            left, right = receipt.code[place], receipt.code[place + 1]
            if left == right:
                continue
            code = receipt.code[:place] + right + left + receipt.code[place + 2 :]
            with pytest.raises(BadReceipt, match="抄错"):
                receipts.read(code + receipt.check)


def test_too_short_says_how_many_are_missing() -> None:
    with pytest.raises(BadReceipt, match="还差3个"):
        receipts.read(some().written[:-4])
    with pytest.raises(BadReceipt, match="请填查询码"):
        receipts.read(" - ")
    with pytest.raises(BadReceipt, match="抄错"):
        receipts.read(some().written + "0")
    with pytest.raises(BadReceipt, match="抄错"):
        receipts.read("查询码" * 9)


def test_what_is_kept_depends_on_the_secret_and_does_not_show_the_code() -> None:
    receipt = some()
    assert re.fullmatch(r"[0-9a-f]{64}", receipt.digest)
    before = receipt.digest
    with override_settings(RECEIPT_SECRET="another-secret-" * 5):
        assert receipt.digest != before
    assert receipt.code not in repr(receipt)
    assert receipt.code not in f"{[receipt]}"


def test_the_qr_holds_the_code_behind_the_hash() -> None:
    picture = receipts.qr(some(), "https://portal.example.cn/listen/anonymous/receipt/")
    assert picture.startswith("data:image/svg+xml")
    assert some().code not in picture


def test_a_stub_is_genuine_for_its_day_only_and_leads_nowhere() -> None:
    receipt = some()
    stub = receipts.stub_of(receipt, ON)

    def genuine(number: str, on: dt.date, signature: str) -> bool:
        return receipts.is_genuine(number=number, on=on, signature=signature)

    assert genuine(stub.number, ON, stub.signature)
    assert genuine(stub.shown_number.lower(), ON, f" {stub.shown_signature} ")
    assert not genuine(stub.number, ON + dt.timedelta(days=1), stub.signature)
    other = receipts.stub_of(some(1), ON)
    assert not genuine(other.number, ON, stub.signature)
    assert not genuine("", ON, "")
    assert not genuine(stub.number, ON, "存根")
    for part in (stub.number, stub.signature):
        assert part not in receipt.code
        assert part not in receipt.digest.upper()
    with override_settings(RECEIPT_SECRET="another-secret-" * 5):
        assert not genuine(stub.number, ON, stub.signature)


def test_counts_are_forgotten_when_the_hour_turns_and_hold_no_address() -> None:
    clock = [0.0]
    counter = HourlyCounter(lambda: clock[0])
    assert [counter.add("10.1.2.3", "send") for _ in range(3)] == [1, 2, 3]
    assert counter.add("10.1.2.4", "send") == 1
    assert counter.add("10.1.2.3", "look") == 1
    assert "10.1.2.3" not in repr(vars(counter))
    before = dict(counter._counts)
    clock[0] = 3600.0
    assert counter.add("10.1.2.3", "send") == 1
    assert not set(before) & set(counter._counts)
