from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AttachmentsConfig(AppConfig):
    name = "portal.attachments"
    label = "attachments"
    verbose_name = _("附件")

    def ready(self) -> None:
        from portal.attachments.services import sweep_leftovers
        from portal.kernel import sweep

        sweep.register("attachments", str(_("清理没有主人的附件")), sweep_leftovers)
