"""Accounts of people: made, reset and closed by the system administrator.

A new or reset account gets a temporary password that is shown once, to the administrator
who hands it over, and must be changed at the first sign-in. It is stored only as a hash.
"""

from __future__ import annotations

import datetime as dt
import secrets

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from branches.models import Person, Role
from branches.permissions import may_manage_accounts
from branches.services.appointments import ADMIN_THIRDS
from portal.accounts.models import User
from portal.audit.services import record
from portal.kernel.errors import DomainError, TransitionRefused

# Who reads what the system administrator must not: he would read it with the password he sets.
_NOT_BY_ONE_HAND = (*ADMIN_THIRDS, Role.DISCIPLINE_OFFICE, Role.SECRETARY_OFFICE)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without what looks alike on paper


def temporary_password() -> str:
    """Three groups of four, easy to read out on the telephone; 59 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _n in range(4)) for _m in range(3))


def open_account(
    *,
    username: str,
    display_name: str,
    email: str = "",
    person: Person | None = None,
    actor: User | None,
    now: dt.datetime,
) -> tuple[User, str]:
    """Open an account, for ``person`` if given; returns it with its temporary password."""
    _check(actor)
    username = username.strip()
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError:
        raise DomainError(_("账号只能用字母、数字和 @ . + - _。"), field="username") from None
    password = temporary_password()
    with transaction.atomic():
        if person is not None:
            person = Person.objects.select_for_update().get(pk=person.pk)
            if person.user_id is not None:
                raise TransitionRefused(_("%(name)s已经有账号。") % {"name": person.name})
        try:
            with transaction.atomic():
                user = User.objects.create_user(
                    username,
                    email=email,
                    password=password,
                    display_name=display_name,
                    must_change_password=True,
                )
        except IntegrityError:
            raise DomainError(_("这个账号名已有人用。"), field="username") from None
        if person is not None:
            person.user = user
            person.save(update_fields=["user"])
        record(
            code="account.opened",
            target=user,
            actor=actor,
            now=now,
            after={"username": username, "person": str(person or "")},
        )
    return user, password


def reset_password(*, user: User, actor: User, now: dt.datetime) -> str:
    """A new temporary password; every session of the account ends.

    DomainError for an administrator's own account, another administrator's, and those of the
    discipline office and the secretary's office: what only they may read, he would read.
    """
    _check(actor)
    if user.pk == actor.pk:
        raise DomainError(_("自己的密码请在“修改密码”里改。"))
    if user.grants.filter(role__in=_NOT_BY_ONE_HAND, ended_on__isnull=True).exists():
        raise DomainError(
            _(
                "三员、纪检专责和书记办公室的密码不在这里重置：保密内容不能由一个人的手打开。"
                "请本人在场，在服务器上用 manage.py changepassword 重置，并记入运维日志。"
            )
        )
    password = temporary_password()
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        locked.set_password(password)
        locked.must_change_password = True
        locked.save(update_fields=["password", "must_change_password"])
        record(code="account.password_reset", target=locked, actor=actor, now=now)
    return password


def set_active(*, user: User, active: bool, reason: str, actor: User, now: dt.datetime) -> User:
    """Close an account, or open it again. History keeps pointing at it."""
    _check(actor)
    if user.pk == actor.pk:
        raise DomainError(_("不能停用自己的账号。"))
    if not reason.strip():
        raise DomainError(_("请写明原因。"), field="reason")
    with transaction.atomic():
        locked: User = User.objects.select_for_update().get(pk=user.pk)
        if locked.is_active == active:
            return locked
        locked.is_active = active
        locked.save(update_fields=["is_active"])
        record(
            code="account.reopened" if active else "account.closed",
            target=locked,
            actor=actor,
            now=now,
            reason=reason.strip(),
        )
    return locked


def _check(actor: User | None) -> None:
    if actor is not None and not may_manage_accounts(actor):
        raise PermissionDenied(_("只有系统管理员可以管理账号。"))
