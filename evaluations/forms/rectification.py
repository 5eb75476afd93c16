"""Forms of notices, findings and appeals.

They read what was typed and leave the judgement (what is required, who may) to the services;
the service's answer is put beside the field it names.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from evaluations.models import Finding, NoticeProblem, RectificationNotice
from evaluations.services.notices import MAX_FACTS, MAX_REASON, Answer
from evaluations.services.second_visits import Candidate
from portal.attachments.forms import AttachmentsField
from portal.kernel.errors import DomainError

FEW = 3  # so many problems stand open together


class Area(forms.Textarea):
    """A text of a few lines; it grows with what is typed."""

    def __init__(self, rows: int = 3) -> None:
        super().__init__({"rows": rows})


class Day(forms.DateInput):
    """A day, picked with the browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ServiceForm(forms.Form):
    """A form whose refusals come from a service."""

    def refuse(self, error: DomainError) -> None:
        """Show a service's refusal beside the field it names, else on top of the form."""
        per_field: Mapping[str, str] = getattr(error, "errors", {})
        for name, text in per_field.items():
            self.add_error(name if name in self.fields else None, text)
        if not per_field:
            field = error.field if error.field in self.fields else None
            self.add_error(field, error.message)


class FactsForm(ServiceForm):
    facts = forms.CharField(
        label=_("事实"),
        widget=Area(4),
        max_length=MAX_FACTS,
        required=False,
        help_text=_("写明时间、地点、人数和情况，不写评语。系统起草的原文留在审计记录里。"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, problem: NoticeProblem, version: int, data: Any = None) -> FactsForm:
        form = cls(
            data,
            auto_id=f"id_p{problem.pk}_%s",
            initial={"facts": problem.facts, "version": version},
        )
        form.problem = problem
        return form

    problem: NoticeProblem
    others_text: str = ""

    def take_over(self, text: str, version: int) -> None:
        """A colleague saved meanwhile: show his text below, and let the next press decide."""
        self.others_text = text
        self.data = {**dict(self.data.items()), "version": str(version)}


class VersionForm(ServiceForm):
    """The version of what was read before the button was pressed."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class CheckForm(VersionForm):
    """核稿: why an office of one checks its own words; asked only there."""

    reason = forms.CharField(
        label=_("为什么由您核稿"),
        max_length=MAX_REASON,
        required=False,
        help_text=_("事实是您改写的，又没有另一位同志可以核稿。理由记在经过里。"),
    )

    def __init__(self, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial, auto_id="id_check_%s")


class RemarkForm(ServiceForm):
    """退回起草: what has to be changed."""

    remark = forms.CharField(
        label=_("哪里要改"), widget=Area(2), max_length=MAX_REASON, required=False
    )


class AnswerForm(ServiceForm):
    """整改情况反馈单: one problem's answer."""

    cause = forms.CharField(label=_("原因"), widget=Area(2), max_length=300, required=False)
    measure = forms.CharField(label=_("整改措施"), widget=Area(3), max_length=500, required=False)
    responsible = forms.CharField(label=_("责任人"), max_length=40, required=False)
    done_on = forms.DateField(label=_("完成时间"), widget=Day, required=False)
    result = forms.CharField(
        label=_("完成情况"),
        widget=Area(3),
        max_length=500,
        required=False,
        help_text=_("改成了什么样、凭什么看得出来。"),
    )

    def __init__(self, problem: NoticeProblem, data: Any = None) -> None:
        self.problem = problem
        super().__init__(
            data,
            prefix=f"p{problem.pk}",
            initial={name: getattr(problem, name) for name in self.base_fields},
        )

        self.differences: list[tuple[str, str]] = []

    @property
    def filled(self) -> int:
        """How many of the fields have something in them."""
        return sum(1 for field in self if str(field.value() or "").strip())

    @property
    def is_filled(self) -> bool:
        return self.filled == len(self.fields)

    @property
    def is_wrong(self) -> bool:
        return self.is_bound and bool(self.errors)

    @property
    def answer(self) -> Answer:
        return Answer(**self.cleaned_data)

    def compare_with(self, saved: NoticeProblem) -> None:
        """Keep what a colleague saved where it differs from what is typed here."""
        self.differences = [
            (str(field.label or ""), str(getattr(saved, name) or _("（空）")))
            for name, field in self.fields.items()
            if self.cleaned_data.get(name) != getattr(saved, name)
        ]


class AnswerForms:
    """The answer to a whole notice: one form per problem, and the version it was drawn from."""

    def __init__(self, problems: Iterable[NoticeProblem], version: int, data: Any = None) -> None:
        self.forms = [AnswerForm(problem, data) for problem in problems]
        self.version = VersionForm(data, initial={"version": version})
        self.shown_version = version
        self.message = ""
        if self.version.is_bound and self.version.is_valid():
            self.shown_version = self.version.cleaned_data["version"]

    def is_valid(self) -> bool:
        valid = [form.is_valid() for form in (self.version, *self.forms)]
        if not all(valid):
            self.message = str(_("还有没填好的地方，已在下面标出。填好的都还在。"))
        return all(valid)

    @property
    def given_version(self) -> int:
        """The version the typed answer was begun from."""
        return self.shown_version

    @property
    def answers(self) -> dict[int, Answer]:
        return {form.problem.pk: form.answer for form in self.forms}

    def refuse(self, error: DomainError) -> None:
        self.message = error.message
        errors: Mapping[int, Mapping[str, str]] = getattr(error, "errors", {})
        for form in self.forms:
            for name, text in errors.get(form.problem.pk, {}).items():
                form.add_error(name, text)

    def take_over(self, notice: RectificationNotice) -> None:
        """A colleague saved meanwhile: his text is shown beside what was typed, and the next
        press knows of it."""
        self.shown_version = notice.version
        saved = {problem.pk: problem for problem in notice.problems.all()}
        for form in self.forms:
            form.compare_with(saved[form.problem.pk])

    @property
    def wrong(self) -> list[AnswerForm]:
        """The problems with something to be put right, for the list on top."""
        return [form for form in self.forms if form.is_wrong]

    @property
    def opened(self) -> set[int]:
        """Problems that stand open: all of a few; of many those that are wrong or that a
        colleague changed, else the first that is not finished."""
        if len(self.forms) <= FEW:
            return {form.problem.pk for form in self.forms}
        open_ = {form.problem.pk for form in self.forms if form.is_wrong or form.differences}
        unfinished = [form.problem.pk for form in self.forms if not form.is_filled]
        return open_ or set(unfinished[:1])


class WithdrawForm(ServiceForm):
    """撤回: why."""

    reason = forms.CharField(
        label=_("撤回原因"), widget=Area(3), max_length=MAX_REASON, required=False
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="withdraw")


class ExtendForm(ServiceForm):
    """延期: the new day and why."""

    due_on = forms.DateField(label=_("延到哪天"), widget=Day)
    reason = forms.CharField(
        label=_("延期原因"), widget=Area(2), max_length=MAX_REASON, required=False
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="extend")


class EvidenceForm(ServiceForm):
    """佐证: which problem, and the files."""

    problem = forms.ModelChoiceField(
        NoticeProblem.objects.none(), label=_("哪个问题"), empty_label=None
    )
    papers = AttachmentsField(
        label=_("文件"),
        help_text=_("可以不传。照片、PDF、Word、Excel，每个不超过15 MB；照片里的位置信息会去掉。"),
    )

    def __init__(self, notice: RectificationNotice, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, prefix="evidence")
        choices: Any = self.fields["problem"]
        choices.queryset = notice.problems.select_related("item").order_by("number")


class TalkForm(ServiceForm):
    """约谈 about an overdue finding: with whom, when, what came of it."""

    note = forms.CharField(
        label=_("约谈记录"),
        widget=Area(3),
        max_length=MAX_REASON,
        required=False,
        help_text=_("约谈了谁、什么时候、对方怎么表态、什么时候改完。"),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="talk")


class FindingEvidenceForm(ServiceForm):
    """佐证 of a finding: the files."""

    papers = AttachmentsField(
        label=_("文件"),
        help_text=_("可以不传。照片、PDF、Word、Excel，每个不超过15 MB；照片里的位置信息会去掉。"),
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, prefix="evidence")


class GiveBackForm(ServiceForm):
    """退回再改: the reason and a new day."""

    reason = forms.CharField(
        label=_("退回原因"),
        widget=Area(3),
        max_length=MAX_REASON,
        required=False,
        help_text=_("哪一条、差在哪里、怎样才算改到位。"),
    )
    due_on = forms.DateField(label=_("新的整改期限"), widget=Day, required=False)

    def __init__(self, data: Any = None, *, due_on: dt.date | None = None) -> None:
        super().__init__(data, prefix="return", initial={"due_on": due_on})


class NoteForm(ServiceForm):
    """认可、销号: what was seen at the look-back."""

    note = forms.CharField(
        label=_("回头看记录"),
        widget=Area(3),
        max_length=MAX_REASON,
        required=False,
        help_text=_("听、看、查、访的情况，可以不填。"),
    )


class ReportForm(ServiceForm):
    """整改反馈: cause, measure, person."""

    cause = forms.CharField(label=_("原因"), widget=Area(2), max_length=300, required=False)
    measure = forms.CharField(label=_("整改措施"), widget=Area(3), max_length=500, required=False)
    responsible = forms.CharField(label=_("责任人"), max_length=40, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.differences: list[tuple[str, str]] = []
        self._version: int | None = None

    @classmethod
    def of(cls, finding: Finding) -> ReportForm:
        return cls(initial={name: getattr(finding, name) for name in cls.base_fields})

    @property
    def shown_version(self) -> int:
        """The version the page writes into the form: what was read, or what is there now."""
        if self._version is not None:
            return self._version
        if self.is_bound:
            return int(self.cleaned_data.get("version") or 0)
        return int(self.initial["version"])

    def take_over(self, finding: Finding) -> None:
        """A colleague saved meanwhile: his text is shown beside what was typed, and the next
        press knows of it."""
        self._version = finding.version
        self.differences = [
            (str(field.label or ""), str(getattr(finding, name) or _("（空）")))
            for name, field in self.fields.items()
            if name != "version" and self.cleaned_data.get(name) != getattr(finding, name)
        ]


class AppealForm(ServiceForm):
    text = forms.CharField(
        label=_("申诉理由"),
        widget=Area(5),
        max_length=500,
        error_messages={"required": _("请写明申诉理由：哪里不属实、依据是什么。")},
        help_text=_("哪里不属实、依据是什么（记录、单据、在场的人）。"),
    )


class UpholdForm(ServiceForm):
    """申诉成立: how often the rule still applies, and why."""

    count_after = forms.IntegerField(label=_("申诉成立后还扣几次"), required=False)
    decision = forms.CharField(
        label=_("复核意见"),
        widget=Area(3),
        max_length=500,
        error_messages={"required": _("请写明复核意见。")},
    )

    def __init__(
        self, count_before: int, data: Any = None, choices: Iterable[tuple[int, str]] = ()
    ) -> None:
        """``choices``: what each lower count would take, when there are few enough to show."""
        super().__init__(data, prefix="uphold")
        field = self.fields["count_after"]
        field.help_text = _("原来%(count)d次。全不属实选0，部分属实选仍应扣的次数。") % {
            "count": count_before
        }
        shown = list(choices)
        if shown:
            field.widget = forms.RadioSelect(choices=shown)


class CorrectionForm(ServiceForm):
    """更正已通报的扣分: how often the rule counts after all, and what was found out."""

    count_after = forms.IntegerField(label=_("更正后计几次"), required=False)
    reason = forms.CharField(
        label=_("更正的原因"),
        widget=Area(3),
        max_length=500,
        error_messages={"required": _("请写明更正的原因：查明了什么。")},
        help_text=_("查明了什么、依据是什么。会告诉支部书记，也列在更正记录里。"),
    )

    def __init__(self, choices: Iterable[tuple[int, str]], data: Any = None) -> None:
        """``choices``: what each other count would take; none when there are too many to show."""
        super().__init__(data)
        shown = list(choices)
        if shown:
            self.fields["count_after"].widget = forms.RadioSelect(choices=shown)


class SecondTeamForm(ServiceForm):
    """另派组重查: which team, when, why."""

    team = forms.TypedChoiceField(
        label=_("派哪一组"),
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": _("请选一个检查组。")},
        help_text=_("只列能去的组：不是原来的组，不同类型、不同党总支，本月和上月没有互查过。"),
    )
    planned_on = forms.DateField(label=_("检查日期"), widget=Day, required=False)
    reason = forms.CharField(label=_("为什么重查"), widget=Area(3), max_length=500, required=False)

    def __init__(self, candidates: Iterable[Candidate], data: Any = None) -> None:
        super().__init__(data, prefix="second")
        able = [c for c in candidates if not c.reason]
        choices: Any = self.fields["team"]
        choices.choices = [
            (c.team.pk, _("%(team)s，本月%(n)d次检查") % {"team": c.team, "n": c.visits})
            for c in able
        ]
        choices.widget.choices = [("", _("请选择")), *choices.choices]


class RecallForm(ServiceForm):
    """撤回重查: why."""

    reason = forms.CharField(label=_("撤回原因"), widget=Area(2), max_length=500, required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="recall")


class RejectForm(ServiceForm):
    """维持原扣分: why."""

    decision = forms.CharField(
        label=_("复核意见"),
        widget=Area(3),
        max_length=500,
        error_messages={"required": _("请写明复核意见。")},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="reject")
