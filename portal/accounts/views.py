"""Signing in and out, the password, the large type."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View

from portal.accounts import sessions
from portal.accounts.forms import NewPasswordForm, SignInForm
from portal.accounts.guide import guide
from portal.kernel.navigation import LARGE_TYPE_COOKIE


def safe_next(request: HttpRequest, fallback: str) -> str:
    """Where the form asks to lead on to, if that is a path of ours."""
    target = request.POST.get("next", "") or request.GET.get("next", "")
    if target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return target
    return resolve_url(fallback)


class SignIn(LoginView):
    """登录. Remembers where the visitor was going (``next``)."""

    template_name = "accounts/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            guide=guide(),
            signed_out_after=self.request.session.pop(sessions.SIGNED_OUT, None),
            **kwargs,
        )


class SignOut(LogoutView):
    """退出. POST only, so that no link signs anybody out."""

    http_method_names = ["post", "options"]


class ChangePassword(PasswordChangeView):
    """改密码. Also where a first sign-in is led before anything else."""

    template_name = "accounts/password_change.html"
    form_class = NewPasswordForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            next=self.request.POST.get("next", "") or self.request.GET.get("next", ""),
            forced=self.request.user.must_change_password,  # type: ignore[union-attr]
            **kwargs,
        )

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.save()
        if user.must_change_password:
            user.must_change_password = False
            user.save(update_fields=["must_change_password"])
        update_session_auth_hash(self.request, user)
        messages.success(self.request, _("密码已改，其他设备上的登录已退出。"))
        return HttpResponseRedirect(safe_next(self.request, settings.LOGIN_REDIRECT_URL))


@method_decorator(login_not_required, name="dispatch")
class LargeType(View):
    """大字: kept with the account, and in a cookie for the pages before sign-in."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        on = request.POST.get("on") == "1"
        if request.user.is_authenticated and request.user.large_type != on:
            request.user.large_type = on
            request.user.save(update_fields=["large_type"])
        response = redirect(safe_next(request, settings.LOGIN_REDIRECT_URL))
        response.set_cookie(
            LARGE_TYPE_COOKIE,
            "1" if on else "0",
            max_age=365 * 24 * 3600,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
        return response
