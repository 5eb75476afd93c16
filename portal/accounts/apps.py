from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "accounts"
    verbose_name = _("账号")

    def ready(self) -> None:
        from portal.accounts import sessions
        from portal.kernel import sweep

        sessions.connect()
        sweep.register("sessions", str(_("清理过期会话")), sessions.sweep)
