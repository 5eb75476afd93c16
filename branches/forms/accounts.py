"""Forms of the system administrator's account pages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from branches.models import Person


class AccountForm(forms.Form):
    """A new account: for somebody the portal knows already, by staff number."""

    staff_no = forms.CharField(
        label=_("工号"),
        max_length=20,
        required=False,
        help_text=_("按工号找到这位同志；不填则开一个不挂人员的账号（如管理员）。"),
    )
    username = forms.CharField(label=_("账号"), max_length=150)
    display_name = forms.CharField(label=_("姓名"), max_length=40, required=False)
    email = forms.EmailField(label=_("邮箱"), required=False, help_text=_("每日待办发到这里。"))

    def clean_staff_no(self) -> Person | None:
        number = self.cleaned_data["staff_no"].strip()
        if not number:
            return None
        person = Person.objects.filter(staff_no=number).first()
        if person is None:
            raise forms.ValidationError(_("没有这个工号的人员，请先由党群部登记。"))
        return person

    def clean(self) -> None:
        person = self.cleaned_data.get("staff_no")
        if not person and not self.cleaned_data.get("display_name", "").strip():
            self.add_error("display_name", _("不填工号时要写姓名。"))


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("原因"), max_length=300)


class NothingForm(forms.Form):
    """A button that only asks once more."""
