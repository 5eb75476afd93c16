"""Document numbers without gaps or doubles."""

from __future__ import annotations

from portal.kernel.models import NumberSequence


def next_number(*, issuer_code: str, year: int) -> int:
    """The next number of ``issuer_code`` in ``year``.

    Call it inside the transaction that signs the document: the sequence row stays locked
    until that transaction ends, so whoever signs next waits, and a rollback gives the number
    back before anybody could have seen it.
    """
    NumberSequence.objects.bulk_create(
        [NumberSequence(issuer_code=issuer_code, year=year)], ignore_conflicts=True
    )
    sequence = NumberSequence.objects.select_for_update().get(issuer_code=issuer_code, year=year)
    sequence.last_number += 1
    sequence.save(update_fields=["last_number"])
    return sequence.last_number
