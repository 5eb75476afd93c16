from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    name = "portal.demo"
    label = "demo"
    verbose_name = _("演示数据")

    def ready(self) -> None:
        if settings.PORTAL_ENV != "demo":
            return
        from portal.accounts import guide
        from portal.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD

        guide.register_guide(password=DEMO_PASSWORD, entries=DEMO_ACCOUNTS)
