from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    name = "portal.kernel"
    label = "kernel"
    verbose_name = _("内核")

    def ready(self) -> None:
        from portal.kernel.field_words import speak

        speak()
