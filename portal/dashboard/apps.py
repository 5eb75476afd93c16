from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardConfig(AppConfig):
    name = "portal.dashboard"
    label = "dashboard"
    verbose_name = _("首页")

    def ready(self) -> None:
        from portal.dashboard.shell import plug_in_shell

        plug_in_shell()
        from portal.dashboard.wiring import plug_in

        plug_in()
        from portal.dashboard.role_homes import plug_in_homes

        plug_in_homes()
        from portal.dashboard import programme_ticks

        programme_ticks.plug_in()
        from portal.dashboard import officer

        officer.plug_in()
        from portal.dashboard import board_views

        board_views.plug_in()
        from portal.dashboard import visit_facts

        visit_facts.plug_in()
