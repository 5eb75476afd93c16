"""The monthly meeting: what the committee says of each secretary, and what was decided."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from branches.models import Branch, BranchType, Person
from evaluations.models.rounds import MonthRound, RoundParticipant
from evaluations.querysets import CommentQuerySet, DecisionQuerySet, InputQuerySet
from portal.kernel.marks import MarksField
from portal.kernel.months import first_of_month


class MeetingVerdict(models.TextChoices):
    GOOD = "good", _("好")
    FAIRLY_GOOD = "fairly_good", _("较好")
    AVERAGE = "average", _("一般")
    POOR = "poor", _("差")


class MeetingComment(models.Model):
    """例会点评: the committee's word on one secretary in one month."""

    round = models.ForeignKey(MonthRound, on_delete=models.PROTECT, related_name="comments")
    participant = models.OneToOneField(
        RoundParticipant, on_delete=models.PROTECT, related_name="comment"
    )
    verdict = models.CharField(_("点评"), max_length=12, choices=MeetingVerdict, blank=True)
    text = models.CharField(_("点评意见"), max_length=300, blank=True)
    own_words = models.CharField(
        _("支部自己说"), max_length=300, blank=True, help_text=_("书记会前填，例会上照读")
    )
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    said_at = models.DateTimeField(_("点评时间"), null=True, blank=True)
    version = models.PositiveIntegerField(_("版本"), default=1)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("例会点评")
        verbose_name_plural = _("例会点评")

    def __str__(self) -> str:
        return f"{self.participant} {self.get_verdict_display()}"


class MeetingDecision(models.Model):
    """例会决定: what is to be done, by whom, by when. The next meeting opens with those that are
    still open."""

    round = models.ForeignKey(MonthRound, on_delete=models.PROTECT, related_name="decisions")
    participant = models.ForeignKey(
        RoundParticipant,
        verbose_name=_("涉及支部"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
    )
    branch_type = models.CharField(
        _("共性问题的类型"), max_length=12, choices=BranchType, blank=True
    )
    item_code = models.CharField(_("共性问题的项目"), max_length=16, blank=True)
    text = models.CharField(_("决定"), max_length=200)
    owner = models.CharField(_("谁来办"), max_length=40)
    due_on = models.DateField(_("什么时候办完"))
    decided_at = models.DateTimeField(_("决定时间"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    done_on = models.DateField(_("办完日期"), null=True, blank=True)
    result = models.CharField(_("办得怎样"), max_length=200, blank=True)
    client_key = models.UUIDField(_("提交标识"), null=True, blank=True, unique=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("例会决定")
        verbose_name_plural = _("例会决定")
        ordering = ["due_on", "id"]

    def __str__(self) -> str:
        return self.text


class AppraisalInput(models.Model):
    """书记评价录入: what no record can know: the unit's business marks of a month (from the
    performance office), and the half-yearly rating by members and staff, of its last month."""

    class Kind(models.TextChoices):
        UNIT = "unit", _("单位业绩得分")
        RATING = "rating", _("党员群众评议得分")

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="appraisal_inputs")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appraisal_inputs")
    kind = models.CharField(_("种类"), max_length=8, choices=Kind)
    month = models.DateField(_("月份"))
    marks = MarksField(_("得分（百分制）"), validators=[MaxValueValidator(100)])
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    entered_at = models.DateTimeField(_("录入时间"))

    objects = InputQuerySet.as_manager()

    class Meta:
        verbose_name = _("书记评价录入")
        verbose_name_plural = _("书记评价录入")
        ordering = ["-month", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "person", "kind", "month"], name="one_input_per_month"
            ),
            first_of_month("month", "input_first_of_month"),
            models.CheckConstraint(
                condition=Q(marks__gte=0, marks__lte=100),
                name="input_out_of_100",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.month:%Y-%m} {self.marks}"
