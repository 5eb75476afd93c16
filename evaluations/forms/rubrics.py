"""Forms of rubrics: one item with its rules, a section, the frame, dates, an upload.

They turn what was typed into values of :mod:`evaluations.rubric_content`; what is wrong with a
value is judged by :mod:`evaluations.rubric_checks`, so page, import and service say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from django import forms
from django.utils.translation import gettext_lazy as _

from evaluations.models import AppliesWhen, Frequency, NotDuePolicy
from evaluations.rubric_checks import (
    LIMITS,
    Problem,
    band_problems,
    bonus_problems,
    item_problems,
    section_problems,
    veto_problems,
)
from evaluations.rubric_content import (
    BandContent,
    BonusContent,
    ItemContent,
    RubricContent,
    RuleContent,
    SectionContent,
    VetoContent,
    plain,
)
from evaluations.rubric_differences import SOURCES
from evaluations.services.rubric_drafts import seal
from portal.documents.excel.guarding import TYPED
from portal.kernel.errors import DomainError
from portal.kernel.months import Month

_NARROW = str.maketrans("０１２３４５６７８９．", "0123456789.")
SPARE_RULES = 2
MOST_RULES = 30


class MarksInput(forms.DecimalField):
    """A mark; digits typed in full width are understood, the numeric keyboard is offered."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=6, decimal_places=2, **kwargs)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}
        self.error_messages["invalid"] = _("请填数字，例如 1.5")

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = value.translate(_NARROW).removesuffix("分")
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return plain(value) if isinstance(value, Decimal) else value


class MonthChoice(forms.CharField):
    """A month, offered from ``first`` on. Others are read too: why one will not do is said by
    the service, in a sentence."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=7, widget=forms.Select, **kwargs)

    def offer(self, first: Month, *, count: int = 18, also: Month | None = None) -> None:
        months = {first.plus(n) for n in range(count)} | ({also} if also else set())
        self.widget.choices = [(str(month), month.label) for month in sorted(months)]

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return Month.parse(text)
        except ValueError:
            raise forms.ValidationError(_("请写成 2017-07 这样的月份")) from None

    def prepare_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, Month) else value


class PlacingForm(forms.Form):
    """A form that puts what checks and services found beside the fields."""

    def refuse(self, error: DomainError) -> None:
        """Show a refusal of the service beside the field it names, else on top."""
        self.add_error(error.field if error.field in self.fields else None, error.message)

    def place(self, found: Iterable[Problem]) -> bool:
        """Put problems beside their fields; True when there were any."""
        placed = False
        for problem in found:
            self.add_error(problem.field if problem.field in self.fields else None, problem.message)
            placed = True
        return placed


class PieceForm(PlacingForm):
    """A form over one piece of a draft. ``seen`` seals what it showed."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class RowForm(PlacingForm):
    """A row of a list in which empty rows are offered too."""

    @property
    def counts(self) -> bool:
        return self.has_changed() or bool(self.initial)


def _text(label: Any, limit: str, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=LIMITS[limit], **kwargs)


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea({"rows": rows})


class ItemForm(PieceForm):
    code = _text(_("编号"), "item.code", help_text=_("类别字母加数字，例如 A1"))
    name = _text(_("考评项目"), "item.name")
    full_marks = MarksInput(label=_("满分"))
    is_key_work = forms.BooleanField(
        label=_("重点工作★"),
        required=False,
        help_text=_("得分低于满分的六成时，系统会提出整改通知书草稿，由人决定是否签发。"),
    )
    frequency = forms.ChoiceField(label=_("周期"), choices=Frequency.choices)
    source = forms.MultipleChoiceField(
        label=_("数据来源"),
        choices=list(SOURCES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    applies_when = forms.ChoiceField(
        label=_("适用范围"), choices=AppliesWhen.choices, required=False
    )
    standard = _text(_("考评要求"), "item.standard", widget=_area(3))
    evidence = _text(_("依据材料"), "item.evidence", required=False)
    name_en = _text(_("英文名称"), "item.name_en", required=False)

    @staticmethod
    def initial_of(item: ItemContent) -> dict[str, Any]:
        return {
            "seen": seal(item),
            "code": item.code,
            "name": item.name,
            "full_marks": item.full_marks,
            "is_key_work": item.is_key_work,
            "frequency": item.frequency,
            "source": item.source.split("+"),
            "applies_when": item.applies_when,
            "standard": item.standard,
            "evidence": item.evidence,
            "name_en": item.name_en,
        }

    def value(self, rules: Sequence[RuleContent]) -> ItemContent:
        data = self.cleaned_data
        return ItemContent(
            code=data["code"],
            name=data["name"],
            full_marks=data["full_marks"],
            is_key_work=data["is_key_work"],
            frequency=data["frequency"],
            source="+".join(data["source"]),
            applies_when=data["applies_when"],
            standard=data["standard"],
            evidence=data["evidence"],
            name_en=data["name_en"],
            rules=tuple(rules),
        )


class RuleRow(RowForm):
    text = _text(_("扣分情形"), "rule.text")
    unit = _text(_("单位"), "rule.unit")
    points = MarksInput(label=_("每单位扣分"), required=False)
    takes_all = forms.BooleanField(label=_("扣满分"), required=False)

    def value(self) -> RuleContent:
        data = self.cleaned_data
        return RuleContent(data["text"], data["unit"], data["points"], data["takes_all"])


if TYPE_CHECKING:
    AnyFormSet: TypeAlias = forms.BaseFormSet[Any]
else:
    AnyFormSet = forms.BaseFormSet


class _Rows(AnyFormSet):
    """Rows with a box to remove them."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = _("删除")


def filled(rows: AnyFormSet) -> list[Any]:
    """The rows that count: neither empty nor marked for removal."""
    return [form for form in rows.forms if form.counts and form not in rows.deleted_forms]


RuleRows = forms.formset_factory(
    RuleRow,
    formset=_Rows,
    extra=SPARE_RULES,
    can_delete=True,
    can_delete_extra=False,
    max_num=MOST_RULES,
    validate_max=True,
    absolute_max=MOST_RULES + 10,
)


def rule_rows(item: ItemContent | None, data: Any = None) -> Any:
    """The rules of ``item`` as rows, with two empty ones below."""
    initial = [
        {"text": r.text, "unit": r.unit, "points": r.points, "takes_all": r.takes_all}
        for r in (item.rules if item else ())
    ]
    return RuleRows(data, initial=initial, prefix="rules")


def item_value(form: ItemForm, rows: Any, section_code: str) -> ItemContent | None:
    """The item that a valid form and its rows say, or None with every problem placed beside
    its field."""
    rows_valid = rows.is_valid()
    if not form.is_valid() or not rows_valid:
        return None
    counted = filled(rows)
    item = form.value([row.value() for row in counted])
    wrong = False
    for problem in item_problems(item, section_code):
        _code, dot, number = problem.place.partition(".")
        target = counted[int(number) - 1] if dot else form
        wrong = target.place([problem]) or wrong
    return None if wrong else item


class SectionForm(PieceForm):
    code = _text(_("编号"), "section.code", help_text=_("一个大写字母，例如 A"))
    name = _text(_("名称"), "section.name")
    full_marks = MarksInput(label=_("满分"))
    name_en = _text(_("英文名称"), "section.name_en", required=False)

    @staticmethod
    def initial_of(section: SectionContent) -> dict[str, Any]:
        return {
            "seen": seal(section),
            "code": section.code,
            "name": section.name,
            "full_marks": section.full_marks,
            "name_en": section.name_en,
        }

    def value(self) -> SectionContent | None:
        """The section without items, or None with the problems placed."""
        if not self.is_valid():
            return None
        data = self.cleaned_data
        section = SectionContent(data["code"], data["name"], data["full_marks"], data["name_en"])
        return None if self.place(section_problems(section)) else section


class FrameForm(PieceForm):
    bonus_cap = MarksInput(label=_("加分上限"))
    not_due_policy = forms.ChoiceField(
        label=_("未到期、不涉及的项目"), choices=NotDuePolicy.choices
    )


class BonusRow(RowForm):
    code = _text(_("编号"), "bonus.code")
    text = _text(_("情形"), "bonus.text")
    points = MarksInput(label=_("加分"))

    def value(self) -> BonusContent:
        data = self.cleaned_data
        return BonusContent(data["code"], data["text"], data["points"])


class VetoRow(RowForm):
    code = _text(_("编号"), "veto.code")
    text = _text(_("情形"), "veto.text")
    cap = MarksInput(label=_("总分封顶"))
    zeroes_item = forms.BooleanField(label=_("涉及项目计0分"), required=False)
    bars_awards = forms.BooleanField(label=_("取消当季评优"), required=False)
    needs_talk = forms.BooleanField(label=_("约谈"), required=False)

    def value(self) -> VetoContent:
        return VetoContent(
            **{name: self.cleaned_data[name] for name in VetoContent.__dataclass_fields__}
        )


class BandRow(RowForm):
    name = _text(_("等次"), "band.name")
    floor = MarksInput(label=_("最低分"))

    def value(self) -> BandContent:
        return BandContent(self.cleaned_data["name"], self.cleaned_data["floor"])


BonusRows = forms.formset_factory(
    BonusRow, formset=_Rows, extra=1, can_delete=True, can_delete_extra=False, max_num=40
)
VetoRows = forms.formset_factory(
    VetoRow, formset=_Rows, extra=1, can_delete=True, can_delete_extra=False, max_num=40
)
BandRows = forms.formset_factory(
    BandRow, formset=_Rows, extra=1, can_delete=True, can_delete_extra=False, max_num=20
)


class FrameForms:
    """The frame with its three lists, as one thing to the view."""

    def __init__(self, content: RubricContent, data: Any = None) -> None:
        self.frame = FrameForm(
            data,
            initial={
                "seen": seal(content),
                "bonus_cap": content.bonus_cap,
                "not_due_policy": content.not_due_policy,
            },
        )
        self.bonuses = BonusRows(
            data, initial=[_fields(bonus) for bonus in content.bonus_rules], prefix="bonus"
        )
        self.vetoes = VetoRows(
            data, initial=[_fields(veto) for veto in content.veto_rules], prefix="veto"
        )
        self.bands = BandRows(
            data, initial=[_fields(band) for band in content.bands], prefix="band"
        )

    def values(self) -> dict[str, Any] | None:
        """The arguments of ``save_frame``, or None with the problems placed."""
        parts = (self.frame, self.bonuses, self.vetoes, self.bands)
        checked = [part.is_valid() for part in parts]  # all, so that every error is seen
        if not all(checked):
            return None
        cap = self.frame.cleaned_data["bonus_cap"]
        wrong = [
            *(row.place(bonus_problems(row.value(), cap)) for row in filled(self.bonuses)),
            *(row.place(veto_problems(row.value())) for row in filled(self.vetoes)),
            *(row.place(band_problems(row.value())) for row in filled(self.bands)),
        ]
        if any(wrong):
            return None
        return {
            "seen": self.frame.cleaned_data["seen"],
            "bonus_cap": cap,
            "not_due_policy": self.frame.cleaned_data["not_due_policy"],
            "bonus_rules": [row.value() for row in filled(self.bonuses)],
            "veto_rules": [row.value() for row in filled(self.vetoes)],
            "bands": [row.value() for row in filled(self.bands)],
        }


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


class DateForm(PlacingForm):
    """From which month a draft shall take effect, and why it was made."""

    first_month = MonthChoice(label=_("起始月份"))
    note = forms.CharField(
        label=_("修订说明"),
        max_length=200,
        required=False,
        widget=_area(2),
        help_text=_("写给各支部看：为什么改。"),
    )

    def __init__(self, data: Any = None, *, free: Month, initial: Any = None) -> None:
        super().__init__(data, initial={"first_month": free, **(initial or {})})
        field = self.fields["first_month"]
        if isinstance(field, MonthChoice):
            field.offer(free, also=self.initial["first_month"])


class WithdrawForm(PlacingForm):
    reason = forms.CharField(label=_("退回草稿的原因"), max_length=200, widget=_area(2))


class UploadForm(PlacingForm):
    file = forms.FileField(
        label=_("Excel 工作簿"),
        help_text=_("用本页导出的表格改好后上传（.xlsx，最多%(size)d MB）。")
        % {"size": TYPED.size // 1024 // 1024},
        widget=forms.ClearableFileInput({"accept": ".xlsx"}),
    )


class ConfirmImportForm(DateForm):
    only_good = forms.BooleanField(label=_("只收读懂的行，其余的不进草稿"), required=False)
