"""佐证材料 of a record: add, take away."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches.forms.materials import MaterialsForm, ReasonIfLocked
from branches.models import Activity
from branches.permissions import may_edit_activity
from branches.services.materials import add_materials, is_locked, remove_material
from branches.views.base import ServiceFormView
from portal.accounts.requests import signed_in
from portal.attachments.models import Attachment


class _OfRecord(ServiceFormView):
    """A form about one record that the user may change."""

    activity: Activity

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        user = signed_in(request)
        self.activity = get_object_or_404(
            Activity.objects.visible_to(user).select_related("branch"), pk=kwargs["pk"]
        )
        if not may_edit_activity(user, self.activity):
            raise PermissionDenied(_("只有本支部的书记、副书记可以加减材料。"))
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"is_locked": is_locked(self.activity, timezone.now())}

    def get_back_url(self) -> str:
        return reverse("branches:record-detail", args=[self.activity.pk]) + "#materials"


class MaterialsAdd(_OfRecord):
    """加材料."""

    form_class = MaterialsForm
    title = gettext_lazy("加材料")
    submit_label = gettext_lazy("加上")
    note = gettext_lazy("选填，不计分。只放确有用处的，不用为留痕拍照。")

    def perform(self, form: forms.Form) -> None:
        add_materials(
            activity=self.activity,
            files=form.cleaned_data["materials"],
            reason=form.cleaned_data.get("reason", ""),
            actor=self.user,
            now=timezone.now(),
        )


class MaterialRemove(_OfRecord):
    """去掉一个材料."""

    form_class = ReasonIfLocked
    danger = True
    submit_label = gettext_lazy("去掉")

    @cached_property
    def file(self) -> Attachment:
        found: Attachment = get_object_or_404(
            Attachment.objects.of(self.activity), pk=self.kwargs["file"]
        )
        return found

    def get_title(self) -> str:
        return _("去掉“%(name)s”") % {"name": self.file.shown_name}

    def perform(self, form: forms.Form) -> None:
        remove_material(
            activity=self.activity,
            attachment_id=self.file.pk,
            reason=form.cleaned_data.get("reason", ""),
            actor=self.user,
            now=timezone.now(),
        )
