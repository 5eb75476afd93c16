"""Accounts: who may sign in. What a person may do follows from branches.access."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """账号: one sign-in of one person.

    An account carries no role. Roles come from dated appointments (书记), from assignment to
    an inspection team, or from a dated grant with a scope; see ``branches.access``.
    """

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField(_("姓名"), max_length=40)
    large_type = models.BooleanField(_("大字"), default=False)
    must_change_password = models.BooleanField(_("首次登录须改密码"), default=False)

    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        verbose_name = _("账号")
        verbose_name_plural = _("账号")

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


class SignedIn(AbstractBaseSession):
    """会话: one browser's session, with the account it belongs to; nobody's before signing in."""

    user = models.ForeignKey(
        User, verbose_name=_("账号"), on_delete=models.CASCADE, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("会话")
        verbose_name_plural = _("会话")
