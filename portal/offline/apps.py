from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OfflineConfig(AppConfig):
    name = "portal.offline"
    label = "offline"
    verbose_name = _("离线")

    def ready(self) -> None:
        from portal.kernel import sweep
        from portal.offline.once import forget_old

        sweep.register("offline", str(_("清理已答复")), lambda now: str(forget_old(now=now)))
