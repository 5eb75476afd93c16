from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ServicecrewConfig(AppConfig):
    name = "servicecrew"
    verbose_name = _("党员服务队")

    def ready(self) -> None:
        from servicecrew import field_pages
        from servicecrew.navigation import plug_in

        plug_in()
        field_pages.plug_in()
