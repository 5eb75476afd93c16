"""The system administrator's third: who may sign in. Roles are not given here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from branches.forms.accounts import AccountForm, NothingForm, ReasonForm
from branches.permissions import may_manage_accounts
from branches.services import accounts
from branches.views.base import ServiceFormView
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.kernel.searches import search_text

PER_PAGE = 50


class ManagerOnly:
    """Everybody but the system administrator is refused, in words."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not may_manage_accounts(signed_in(request)):
            raise PermissionDenied(_("只有系统管理员可以管理账号。"))
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class AccountList(ManagerOnly, TemplateView):
    template_name = "branches/account_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = search_text(self.request.GET, 40)
        users = User.objects.select_related("person__committee").order_by("username", "pk")
        if words:
            users = users.filter(Q(username__icontains=words) | Q(display_name__icontains=words))
        page = Paginator(users, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, words=words, **kwargs)


class AccountOpen(ManagerOnly, ServiceFormView):
    form_class = AccountForm
    title = gettext_lazy("开账号")
    submit_label = gettext_lazy("开账号")
    note = gettext_lazy(
        "临时密码只显示一次，本人首次登录须改。能做什么由任职、派组和安全管理员的授权决定。"
    )

    def perform(self, form: forms.Form) -> tuple[User, str]:
        person = form.cleaned_data["staff_no"]
        return accounts.open_account(
            username=form.cleaned_data["username"],
            display_name=person.name if person else form.cleaned_data["display_name"].strip(),
            email=form.cleaned_data["email"],
            person=person,
            actor=self.user,
            now=timezone.now(),
        )

    def form_valid(self, form: forms.Form) -> HttpResponse:
        response = super().form_valid(form)
        if response.status_code != 302:
            return response
        user, password = self.result
        return _shown_once(self.request, user, password)

    def get_back_url(self) -> str:
        return reverse("branches:account-list")


class OneAccount(ManagerOnly, ServiceFormView):
    """What the pages of one account share."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if may_manage_accounts(signed_in(request)):
            self.account: User = get_object_or_404(User, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_back_url(self) -> str:
        return reverse("branches:account-list")


class AccountReset(OneAccount):
    form_class = NothingForm
    submit_label = gettext_lazy("重置密码")
    note = gettext_lazy("原密码立即失效，本人用临时密码登录后须改。")

    def get_title(self) -> str:
        return _("重置%(name)s的密码") % {"name": self.account}

    def perform(self, form: forms.Form) -> str:
        return accounts.reset_password(user=self.account, actor=self.user, now=timezone.now())

    def form_valid(self, form: forms.Form) -> HttpResponse:
        response = super().form_valid(form)
        if response.status_code != 302:
            return response
        return _shown_once(self.request, self.account, self.result)


class AccountSwitch(OneAccount):
    form_class = ReasonForm
    danger = True

    @property
    def submit_label(self) -> str:
        return _("停用") if self.account.is_active else _("启用")

    def get_title(self) -> str:
        return _("%(verb)s%(name)s的账号") % {"verb": self.submit_label, "name": self.account}

    def perform(self, form: forms.Form) -> User:
        return accounts.set_active(
            user=self.account,
            active=not self.account.is_active,
            reason=form.cleaned_data["reason"],
            actor=self.user,
            now=timezone.now(),
        )


def _shown_once(request: HttpRequest, user: User, password: str) -> HttpResponse:
    response = render(
        request, "branches/account_done.html", {"account": user, "password": password}
    )
    response["Cache-Control"] = "no-store"
    return response
