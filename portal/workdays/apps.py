from celery.signals import task_prerun
from django.apps import AppConfig
from django.core.signals import request_started
from django.utils.translation import gettext_lazy as _


class WorkdaysConfig(AppConfig):
    name = "portal.workdays"
    label = "workdays"
    verbose_name = _("工作日历")

    def ready(self) -> None:
        from portal.workdays.calendar import ask_again

        request_started.connect(ask_again, dispatch_uid="workdays.ask_again")
        task_prerun.connect(ask_again, dispatch_uid="workdays.ask_again")
