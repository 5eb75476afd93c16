"""Telling people: the inbox (exactly once) and the outbox (at least once).

A message is written in the transaction of the event it tells of, under a key that the
event alone decides. The same key again is ignored by the database, so a job that runs
twice, or thirty times, tells once.

Mail leaves the house afterwards. Between the mail server's yes and our commit the process
may die, so a mail can go out twice; its Message-ID is made from the key and is then the
same, and a receiver can drop the double.
"""

from portal.notifications.services.digest import send_digests, send_digests_once
from portal.notifications.services.feeds import close_feed, renew_feed
from portal.notifications.services.inbox import (
    Message,
    mark_all_read,
    mark_read,
    tell,
    tell_many,
)
from portal.notifications.services.outbox import (
    BACK_OFF,
    LEASE,
    DeliveryCounts,
    deliver_due,
    mail,
    message_id,
    send_again,
    wake_delivery,
)

__all__ = [
    "BACK_OFF",
    "LEASE",
    "DeliveryCounts",
    "Message",
    "close_feed",
    "deliver_due",
    "mail",
    "mark_all_read",
    "mark_read",
    "message_id",
    "renew_feed",
    "send_again",
    "send_digests",
    "send_digests_once",
    "tell",
    "tell_many",
    "wake_delivery",
]
