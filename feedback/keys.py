"""Keys that tell nothing: neither how many there are nor which came first.

Whatever an anonymous author may write (a request, a line of its history, a message, a rating)
has such a key instead of a running number, so that neither an address nor the order of two
rows tells when it was written.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from django.db import models
from django.utils.translation import gettext_lazy as _

# Crockford's base 32: no I, L, O, U, so that a key can be read aloud.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16  # 80 bits
KEY_REGEX = rf"[{ALPHABET}]{{{LENGTH}}}"


_source: list[Random] = [secrets.SystemRandom()]


def new_key() -> str:
    return "".join(_source[-1].choices(ALPHABET, k=LENGTH))


@contextmanager
def repeating_keys(source: Random) -> Iterator[None]:
    """Draw keys from ``source`` meanwhile: the demo company is the same from the same seed."""
    _source.append(source)
    try:
        yield
    finally:
        _source.pop()


class RandomKeyed(models.Model):
    """A row whose primary key is random and may stand in an address."""

    id = models.CharField(
        _("编号"), max_length=LENGTH, primary_key=True, default=new_key, editable=False
    )

    class Meta:
        abstract = True
