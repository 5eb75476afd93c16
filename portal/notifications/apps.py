from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "portal.notifications"
    label = "notifications"
    verbose_name = _("消息")

    def ready(self) -> None:
        from portal.kernel import sweep
        from portal.notifications.services import deliver_due, send_digests_once

        sweep.register("digest", "每日待办邮件", lambda now: send_digests_once(now=now))
        sweep.register("outbox", "发出邮件", lambda now: str(deliver_due(now=now)))
