"""Forms of operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from branches.forms.fields import DayField
from branches.models import Committee
from portal.attachments.forms import AttachmentsField
from portal.attachments.limits import PHOTOS
from servicecrew.forms.turnouts import MomentField, ServiceForm
from servicecrew.models import Crew, OperationKind


class OperationForm(ServiceForm):
    """发起行动."""

    committee = forms.ModelChoiceField(
        queryset=Committee.objects.none(), label=gettext_lazy("牵头党委"), empty_label=None
    )
    name = forms.CharField(
        label=gettext_lazy("名称"),
        max_length=40,
        help_text=gettext_lazy("如“抗击台风‘莫兰蒂’”“迎峰度夏2017”"),
    )
    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=OperationKind.choices)
    started_on = DayField(label=gettext_lazy("开始日期"))
    commander = forms.CharField(label=gettext_lazy("总指挥"), max_length=40, required=False)
    landfall_at = MomentField(
        label=gettext_lazy("登陆时间"), help_text=gettext_lazy("台风才填，画在停电曲线上")
    )
    summary = forms.CharField(
        label=gettext_lazy("概况"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, committees: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["committee"]
        field.queryset = committees


class OperationEditForm(ServiceForm):
    """改概况、写复盘、结束行动."""

    commander = forms.CharField(label=gettext_lazy("总指挥"), max_length=40, required=False)
    landfall_at = MomentField(
        label=gettext_lazy("登陆时间"), help_text=gettext_lazy("台风才填，画在停电曲线上")
    )
    summary = forms.CharField(
        label=gettext_lazy("概况"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    lessons = forms.CharField(
        label=gettext_lazy("复盘"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("哪些做得好，下次怎么改"),
    )
    ended_on = DayField(
        label=gettext_lazy("结束日期"), required=False, help_text=gettext_lazy("不填就是还在进行")
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class EventForm(ServiceForm):
    """记一条大事记."""

    happened_at = MomentField(label=gettext_lazy("时间"), required=True)
    text = forms.CharField(label=gettext_lazy("发生了什么"), max_length=200)
    who = forms.CharField(label=gettext_lazy("报告人"), max_length=30, required=False)
    is_key = forms.BooleanField(label=gettext_lazy("关键节点"), required=False)


class AffectedForm(ServiceForm):
    """影响户数: one number per county."""

    def __init__(self, *args: Any, counties: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.counties = counties
        for county in counties:
            self.fields[county] = forms.IntegerField(
                label=county, min_value=0, max_value=99_999_999, required=False
            )

    def affected(self) -> dict[str, int]:
        return {county: self.cleaned_data[county] or 0 for county in self.counties}


class TeamForm(ServiceForm):
    """前置力量."""

    crew = forms.ModelChoiceField(queryset=Crew.objects.none(), label=gettext_lazy("服务队"))
    place = forms.CharField(
        label=gettext_lazy("驻点"),
        max_length=60,
        help_text=gettext_lazy("如“桂阳供电所”"),
    )
    people = forms.IntegerField(
        label=gettext_lazy("人数"),
        min_value=0,
        max_value=9999,
        help_text=gettext_lazy("同一支队同一驻点再填一次，以后填的为准；人和车都填0就是撤走"),
    )
    vehicles = forms.IntegerField(label=gettext_lazy("车辆"), min_value=0, max_value=999, initial=0)
    placed_at = MomentField(label=gettext_lazy("到位时间"), required=True)

    def __init__(self, *args: Any, crews: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["crew"]
        field.queryset = crews


class OutageForm(ServiceForm):
    """停电时报: one number per county."""

    reported_at = MomentField(label=gettext_lazy("时间"), required=True)
    source = forms.CharField(label=gettext_lazy("来源"), max_length=30, initial="配网调度")

    def __init__(self, *args: Any, counties: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.counties = counties
        for county in counties:
            self.fields[county] = forms.IntegerField(
                label=county, min_value=0, max_value=99_999_999, initial=0
            )

    def out(self) -> dict[str, tuple[int, int]]:
        return {county: (self.cleaned_data[county], 0) for county in self.counties}


class PhotosForm(ServiceForm):
    """照片, of a turnout or an operation. Optional always; what a photo says beside its picture
    (place, device) is taken off when it is kept."""

    photos = AttachmentsField(
        profile=PHOTOS,
        required=True,
        label=gettext_lazy("照片"),
        help_text=gettext_lazy("最多10张。定位、机型等信息会自动去掉；不要拍到客户的面孔和证件。"),
    )
