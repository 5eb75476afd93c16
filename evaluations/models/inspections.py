"""Teams, inspections, deductions, findings and appeals."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from branches.models import Branch, BranchType, Person
from evaluations.lifecycles import AppealStatus, FindingStatus, InspectionStatus, RoundStatus
from evaluations.models.rounds import MonthRound, RoundParticipant
from evaluations.models.rubrics import DeductionRule, RubricItem
from evaluations.querysets import AppealQuerySet, FindingQuerySet, InspectionQuerySet
from portal.kernel.marks import MarksField


class InspectionTeam(models.Model):
    """互查组: the team that one branch sends out in one round."""

    round = models.ForeignKey(MonthRound, on_delete=models.PROTECT, related_name="teams")
    branch = models.ForeignKey(
        Branch, verbose_name=_("派出支部"), on_delete=models.PROTECT, related_name="teams"
    )
    number = models.PositiveSmallIntegerField(_("组号"))

    class Meta:
        verbose_name = _("互查组")
        verbose_name_plural = _("互查组")
        ordering = ["round", "number"]
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="team_number_once"),
            models.UniqueConstraint(fields=["round", "branch"], name="one_team_per_branch"),
        ]

    def __str__(self) -> str:
        return f"第{self.number}组（{self.branch}）"

    @property
    def label(self) -> str:
        return f"第{self.number}组"


class TeamMember(models.Model):
    """互查组成员. Being one is what makes a user an inspector."""

    team = models.ForeignKey(InspectionTeam, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="team_seats")
    is_leader = models.BooleanField(_("组长"), default=False)

    class Meta:
        verbose_name = _("互查组成员")
        verbose_name_plural = _("互查组成员")
        ordering = ["team", "-is_leader", "id"]
        constraints = [
            models.UniqueConstraint(fields=["team", "person"], name="member_once_per_team"),
            models.UniqueConstraint(
                fields=["team"], condition=Q(is_leader=True), name="one_leader_per_team"
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)


class Inspection(models.Model):
    """检查: one team's visit to one branch, with its score sheet.

    ``inspector_type`` and ``inspected_type`` copy the types in force so that the database
    itself refuses a visit inside one type or to oneself. ``digest`` seals the deductions when
    the sheet is submitted, ``score`` is set then: base marks before bonus. ``replaces``: after an
    appeal a second team came; once it has submitted, the first sheet is kept and counts no more.
    """

    round = models.ForeignKey(MonthRound, on_delete=models.PROTECT, related_name="inspections")
    team = models.ForeignKey(InspectionTeam, on_delete=models.PROTECT, related_name="inspections")
    participant = models.ForeignKey(
        RoundParticipant,
        verbose_name=_("被查支部"),
        on_delete=models.PROTECT,
        related_name="inspections",
    )
    inspector_branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    inspected_branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    inspector_type = models.CharField(max_length=12, choices=BranchType)
    inspected_type = models.CharField(max_length=12, choices=BranchType)
    planned_on = models.DateField(_("检查日期"), null=True, blank=True)
    planned_time = models.TimeField(_("检查时间"), null=True, blank=True)
    place = models.CharField(_("地点"), max_length=60, blank=True)
    status = models.CharField(
        _("状态"), max_length=10, choices=InspectionStatus, default=InspectionStatus.PLANNED
    )
    started_at = models.DateTimeField(_("开始"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("提交"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("确认"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    objection = models.CharField(_("异议"), max_length=500, blank=True)
    highlights = models.CharField(_("亮点与建议"), max_length=500, blank=True)
    score = MarksField(_("得分"), null=True, blank=True)
    digest = models.CharField(_("摘要"), max_length=64, blank=True)
    replaces = models.OneToOneField(
        "self",
        verbose_name=_("重查哪一次检查"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="second_visit",
    )

    objects = InspectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("检查")
        verbose_name_plural = _("检查")
        ordering = ["planned_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "participant"],
                name="one_visit_per_team_and_branch",
                violation_error_message=_("该组本月已安排检查这个支部"),
            ),
            models.CheckConstraint(
                condition=~Q(inspector_type=F("inspected_type")),
                name="inspector_of_another_type",
                violation_error_message=_("检查组须来自不同类型的支部"),
            ),
            models.CheckConstraint(
                condition=~Q(inspector_branch=F("inspected_branch")),
                name="nobody_inspects_himself",
                violation_error_message=_("不能检查自己的支部"),
            ),
            models.CheckConstraint(
                condition=Q(status__in=["planned", "under_way"])
                | Q(submitted_at__isnull=False, score__isnull=False),
                name="submitted_sheet_has_score",
            ),
        ]
        indexes = [models.Index(fields=["round", "status"], name="inspections_of_round")]

    def __str__(self) -> str:
        return f"{self.team.label}→{self.participant}"

    @property
    def is_in_window(self) -> bool:
        """Whether the month lets this sheet be filled: during the inspection; a second visit
        after an appeal until the month is published."""
        status = self.round.status
        if self.replaces_id is not None:
            return status in {RoundStatus.INSPECTING, RoundStatus.PROVISIONAL}
        return bool(status == RoundStatus.INSPECTING)


class Severity(models.TextChoices):
    MINOR = "minor", _("一般")
    MAJOR = "major", _("较重")
    CRITICAL = "critical", _("严重")


class FindingKind(models.TextChoices):
    FIX_NOW = "fix_now", _("立行立改")
    FIX_BY_DATE = "fix_by_date", _("限期整改")
    CONTINUING = "continuing", _("长期坚持")


class Deduction(models.Model):
    """扣分: a rule applied ``count`` times for one fact. ``points`` is what it takes,
    already limited to the item's full marks by itself (the item's sum is limited again)."""

    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="deductions")
    item = models.ForeignKey(RubricItem, on_delete=models.PROTECT, related_name="+")
    rule = models.ForeignKey(DeductionRule, on_delete=models.PROTECT, related_name="+")
    count = models.PositiveSmallIntegerField(_("次数"))
    points = MarksField(_("扣分"))
    fact = models.CharField(_("事实"), max_length=500)
    severity = models.CharField(_("程度"), max_length=8, choices=Severity, default=Severity.MINOR)
    kind = models.CharField(
        _("整改方式"), max_length=12, choices=FindingKind, default=FindingKind.FIX_BY_DATE
    )

    class Meta:
        verbose_name = _("扣分")
        verbose_name_plural = _("扣分")
        ordering = ["item__sort_order", "rule__number"]
        constraints = [
            models.UniqueConstraint(fields=["inspection", "rule"], name="rule_once_per_sheet"),
            models.CheckConstraint(condition=Q(points__gte=0), name="deduction_not_negative"),
        ]
        indexes = [models.Index(fields=["inspection", "item"], name="deductions_of_item")]

    def __str__(self) -> str:
        return f"{self.item.code} −{self.points}"


class CheckState(models.TextChoices):
    """What the inspector said of an item beside its deductions."""

    ORDINARY = "", _("照常")
    NOT_APPLICABLE = "not_applicable", _("本月不涉及")
    JUDGED = "judged", _("本月已开展，照常检查")


class ItemCheck(models.Model):
    """已检: an item of a sheet that the inspector has looked at.

    ``state`` is empty when the dated rules decide whether the item is judged this month;
    otherwise the inspector says that it does not apply, or that an item not yet due was done
    already and is judged. ``version`` counts saves of this item, so that two inspectors with
    one sheet do not overwrite each other.
    """

    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="checks")
    item = models.ForeignKey(RubricItem, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        _("情况"), max_length=16, choices=CheckState, default=CheckState.ORDINARY, blank=True
    )
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    version = models.PositiveIntegerField(_("版本"), default=1)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    checked_at = models.DateTimeField(_("检查时间"))

    class Meta:
        verbose_name = _("已检项目")
        verbose_name_plural = _("已检项目")
        constraints = [
            models.UniqueConstraint(fields=["inspection", "item"], name="check_once_per_item"),
            models.CheckConstraint(
                condition=Q(state="") | ~Q(reason=""),
                name="check_state_has_reason",
                violation_error_message=_("请写明为什么"),
            ),
        ]
        indexes = [
            # The few that say something: the month's marks look for them among millions.
            models.Index(
                fields=["inspection", "item"], condition=~Q(state=""), name="checks_that_speak"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item.code} {self.get_state_display()}"


class Finding(models.Model):
    """问题: a fault named on the spot, to be put right by a date. One per deduction.

    ``rechecked_at`` and ``rechecked_in``: the last look at it by another team, on its visit in a
    later month (复核). A finding that this team found open again is 退回再改 once more.
    ``extended_from``: the day before an extension, one between two reports. ``awaits_endorsement``:
    the deputy reported, and the secretary has not yet vouched for it (背书).
    """

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="findings")
    deduction = models.OneToOneField(
        Deduction, on_delete=models.SET_NULL, null=True, blank=True, related_name="finding"
    )
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="findings")
    item = models.ForeignKey(RubricItem, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("序号"))
    fact = models.CharField(_("事实"), max_length=500)
    severity = models.CharField(_("程度"), max_length=8, choices=Severity)
    kind = models.CharField(_("整改方式"), max_length=12, choices=FindingKind)
    status = models.CharField(
        _("状态"), max_length=10, choices=FindingStatus, default=FindingStatus.RAISED
    )
    raised_at = models.DateTimeField(_("提出时间"))
    due_on = models.DateField(_("整改期限"))
    cause = models.CharField(_("原因"), max_length=300, blank=True)
    measure = models.CharField(_("整改措施"), max_length=500, blank=True)
    responsible = models.CharField(_("责任人"), max_length=40, blank=True)
    reported_at = models.DateTimeField(_("报整改时间"), null=True, blank=True)
    verified_at = models.DateTimeField(_("销号时间"), null=True, blank=True)
    return_reason = models.CharField(_("退回原因"), max_length=300, blank=True)
    look_back_by = models.DateField(_("回头看期限"), null=True, blank=True)
    extended_from = models.DateField(_("原期限"), null=True, blank=True)
    awaits_endorsement = models.BooleanField(_("待书记背书"), default=False)
    endorsed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("背书人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    endorsed_at = models.DateTimeField(_("背书时间"), null=True, blank=True)
    rechecked_at = models.DateTimeField(_("复核时间"), null=True, blank=True)
    rechecked_in = models.ForeignKey(
        Inspection,
        verbose_name=_("复核的检查"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    version = models.PositiveIntegerField(_("版本"), default=1)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("问题")
        verbose_name_plural = _("问题")
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["inspection", "number"], name="finding_number_once"),
            models.CheckConstraint(
                condition=~Q(status="verified") | Q(verified_at__isnull=False),
                name="verified_finding_has_time",
            ),
        ]
        indexes = [models.Index(fields=["branch", "status", "due_on"], name="findings_of_branch")]

    def __str__(self) -> str:
        return self.fact[:40]

    def was_found_right_on(self, visit: Inspection) -> bool:
        """Whether the team of ``visit`` was the last to say that it is put right."""
        return (
            self.rechecked_in_id == visit.pk
            and self.status == FindingStatus.VERIFIED
            and self.rechecked_at is not None
            and self.verified_at is not None
            and self.rechecked_at >= self.verified_at
        )

    @property
    def waits_for_confirmation(self) -> bool:
        """Whether its sheet may still be taken back, and the finding with it."""
        return self.status == FindingStatus.RAISED and not self.inspection.round.is_published


class FindingEvent(models.Model):
    """问题经过: one step of a finding (appended only)."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(_("时间"))
    step = models.CharField(_("步骤"), max_length=16)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(_("说明"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("问题经过")
        verbose_name_plural = _("问题经过")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.step


class ScoreAppeal(models.Model):
    """申诉: the branch contests a deduction; both texts are kept."""

    deduction = models.ForeignKey(Deduction, on_delete=models.PROTECT, related_name="appeals")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="appeals")
    status = models.CharField(
        _("状态"), max_length=8, choices=AppealStatus, default=AppealStatus.FILED
    )
    text = models.CharField(_("申诉理由"), max_length=500)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    filed_at = models.DateTimeField(_("申诉时间"))
    decision = models.CharField(_("复核意见"), max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("复核时间"), null=True, blank=True)
    count_before = models.PositiveSmallIntegerField(_("原次数"))
    count_after = models.PositiveSmallIntegerField(_("改后次数"), null=True, blank=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("申诉")
        verbose_name_plural = _("申诉")
        ordering = ["filed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["deduction"],
                condition=Q(status="filed"),
                name="one_open_appeal",
                violation_error_message=_("这一条已在复核"),
            ),
            models.CheckConstraint(
                condition=Q(status="filed")
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(decision="")),
                name="decided_appeal_has_decision",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def is_correction(self) -> bool:
        """The committee's own (更正), not the branch's: nobody decides what his branch filed."""
        return self.decided_by_id is not None and self.decided_by_id == self.filed_by_id
