from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BranchesConfig(AppConfig):
    name = "branches"
    verbose_name = _("组织与记录")

    def ready(self) -> None:
        from branches.navigation import plug_in

        plug_in()

        from branches.calendar import themed_days
        from portal.notifications.feed import register_calendar

        register_calendar("themed_days", themed_days)

        from branches.services import imports
        from portal.kernel import sweep

        sweep.register("row_imports", str(_("导入")), imports.sweep)

        from branches import field_pages

        field_pages.plug_in()
