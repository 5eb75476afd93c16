"""Sign-in and password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    """Says the same for a wrong name, a wrong password and a closed account."""

    error_messages = {
        "invalid_login": _("账号或密码不对。连续输错 5 次，要等 15 分钟。"),
        "inactive": _("账号或密码不对。连续输错 5 次，要等 15 分钟。"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("账号")
        self.fields["password"].label = _("密码")
        # Everybody knows that both are needed: no （必填）here.
        for field in self.fields.values():
            field.label_suffix = ""


class NewPasswordForm(PasswordChangeForm):
    """Change of one's own password. The new one may not be the old one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = _("现在的密码")
        self.fields["new_password1"].label = _("新密码")
        self.fields["new_password1"].help_text = _(
            "至少 10 个字符，不能全是数字，不能和姓名、账号相近，不能是常见密码。"
        )
        self.fields["new_password2"].label = _("再输一次新密码")
        self.fields["new_password2"].help_text = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        new = cleaned.get("new_password1")
        if new and new == cleaned.get("old_password"):
            self.add_error("new_password1", forms.ValidationError(_("新密码和现在的一样。")))
        return cleaned
