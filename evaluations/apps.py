from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    verbose_name = _("考评与互查")

    def ready(self) -> None:
        from branches import agenda_hints, evidence, locks
        from evaluations.evidence_papers import papers_of_items
        from evaluations.records_lock import focus_of, records_due_on

        locks.register(records_due_on)
        agenda_hints.register("focus", focus_of)
        evidence.register("rubric", papers_of_items)

        from evaluations.services.sweep import run
        from portal.kernel import sweep

        sweep.register("rounds", str(_("月度轮次")), run)

        from evaluations.services import batches

        sweep.register("paper_batches", str(_("文件包")), batches.sweep)

        from evaluations.services.papers import clear_old_papers

        sweep.register("papers", str(_("文件保存期限")), clear_old_papers)

        from evaluations.calendar import monthly_days
        from portal.notifications.feed import register_calendar

        register_calendar("monthly_days", monthly_days)

        from evaluations import monthly_navigation

        monthly_navigation.plug_in()

        from evaluations import rectification

        rectification.plug_in()

        from evaluations import rubric_navigation

        rubric_navigation.plug_in()

        from evaluations import field_pages

        field_pages.plug_in()
