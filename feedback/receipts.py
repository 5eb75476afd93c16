"""查询码: the receipt that leads an anonymous author back, and nobody else.

A code has 24 characters of Crockford's base 32 (120 bits) and a check symbol, and is shown once.
The portal keeps its HMAC-SHA-256 under ``PORTAL_RECEIPT_SECRET``, a secret of its own: without it
not even the whole database tells whether a guess is right.

A code is *derived*, not drawn: from a number that only the open form holds and from what was
written. The same form sent twice so comes to the same code, and makes one request without the
portal remembering who has sent what.

The printed receipt also has a stub (存根) with a signature. It shows that this portal has issued a
receipt on that day, and nothing else: not which request, not whether there still is one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass

import segno
from django.conf import settings
from django.utils.translation import gettext as _

from feedback.keys import ALPHABET
from portal.kernel.errors import DomainError

LENGTH = 24
BITS = 5 * LENGTH
CHECK_ALPHABET = ALPHABET + "*~$=U"
STUB_LENGTH = 12
SIGNATURE_LENGTH = 16
_LOOK_ALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})
_NONCE_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Receipt:
    """A code without its check symbol. Never stored, never logged: ``repr`` hides it."""

    code: str

    def __repr__(self) -> str:
        return "Receipt(…)"

    @property
    def groups(self) -> list[str]:
        """Six groups of four, as people read them."""
        return [self.code[start : start + 4] for start in range(0, LENGTH, 4)]

    @property
    def check(self) -> str:
        return check_symbol(self.code)

    @property
    def written(self) -> str:
        """``7K4M-29QT-H3WX-PZ6A-M0D9-RT5B-*``"""
        return "-".join([*self.groups, self.check])

    @property
    def digest(self) -> str:
        """What the database holds."""
        return _mac("digest", self.code).hex()


class BadReceipt(DomainError):
    """The code is not one that this portal writes; the message says what is wrong with it."""

    code = "bad_receipt"


def new_nonce() -> str:
    """The number a form is drawn with: 128 bits."""
    return secrets.token_hex(_NONCE_LENGTH // 2)


def issue(*, nonce: str, content: str) -> Receipt:
    """The code of what was written (``content``) on the form drawn with ``nonce``. A form without
    a proper nonce gets a code by chance."""
    if len(nonce) != _NONCE_LENGTH or set(nonce) - set("0123456789abcdef"):
        nonce = new_nonce()
    said = hashlib.sha256(content.encode()).hexdigest()
    return Receipt(_in_base32(_mac("issue", f"{nonce}:{said}"), LENGTH))


def read(text: str) -> Receipt:
    """What somebody typed, pasted or scanned: any case, with or without hyphens and blanks, full
    width too; O for 0 and I or L for 1 are forgiven. Raises BadReceipt."""
    plain = unicodedata.normalize("NFKC", text).upper()
    plain = "".join(c for c in plain if not c.isspace() and c not in "-‐‑–—―−_·.")
    body, check = plain[:LENGTH].translate(_LOOK_ALIKES), plain[LENGTH:]
    if not plain:
        raise BadReceipt(_("请填查询码。"), field="code")
    if len(plain) <= LENGTH:
        raise BadReceipt(
            _("查询码是24个字符加1个校验符，还差%(n)d个。") % {"n": LENGTH + 1 - len(plain)},
            field="code",
        )
    if len(check) != 1 or set(body) - set(ALPHABET) or check_symbol(body) != check:
        raise BadReceipt(
            _("查询码有一处抄错了，请对照回执再看一遍，尤其是0和8、5和S。"), field="code"
        )
    return Receipt(body)


def check_symbol(code: str) -> str:
    """Crockford's: the number modulo 37. It finds every single slip and every swap of two
    neighbours."""
    number = 0
    for character in code:
        number = number * 32 + ALPHABET.index(character)
    return CHECK_ALPHABET[number % 37]


def qr(receipt: Receipt, address: str) -> str:
    """A QR code as a ``data:`` address. The code stands behind the ``#``: browsers keep that part
    to themselves, so it is in no log."""
    picture = segno.make(f"{address}#{receipt.written}", error="m", micro=False)
    return str(picture.svg_data_uri(scale=4, border=2, dark="#211d1a", light="#fff"))


# -- the stub ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stub:
    """存根: number, day, signature. The number is made from the code and does not lead back."""

    number: str
    on: dt.date
    signature: str

    @property
    def shown_number(self) -> str:
        return _grouped(self.number)

    @property
    def shown_signature(self) -> str:
        return _grouped(self.signature)


def stub_of(receipt: Receipt, on: dt.date) -> Stub:
    # Not keyed: whoever has the code can show that the stub is his.
    number = _in_base32(hashlib.sha256(f"stub:{receipt.code}".encode()).digest(), STUB_LENGTH)
    return Stub(number, on, _signature(number, on))


def is_genuine(*, number: str, on: dt.date, signature: str) -> bool:
    """Whether this portal has issued such a stub. Asks no database."""
    plain = _plain(number)
    return hmac.compare_digest(_signature(plain, on), _plain(signature))


def _signature(number: str, on: dt.date) -> str:
    return _in_base32(_mac("stub", f"{number}:{on.isoformat()}"), SIGNATURE_LENGTH)


# -- inside -----------------------------------------------------------------------------


def _mac(purpose: str, text: str) -> bytes:
    key = settings.RECEIPT_SECRET.encode()
    return hmac.digest(key, f"{purpose}:{text}".encode(), "sha256")


def _in_base32(raw: bytes, length: int) -> str:
    number = int.from_bytes(raw, "big")
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(length))


def _plain(text: str) -> str:
    wide = unicodedata.normalize("NFKC", text).upper().translate(_LOOK_ALIKES)
    # compare_digest takes ASCII only.
    return "".join(c for c in wide if c in ALPHABET)


def _grouped(text: str) -> str:
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))
