"""Similar matters while somebody types, and joining one: for people who may not read it."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from feedback.models import StaffRequest
from feedback.models.requests import MAX_TEXT
from feedback.permissions import may_submit
from feedback.services import author
from feedback.similar import similar_matters
from portal.accounts.requests import signed_in
from portal.kernel.api import ProblemSerializer


class TypedSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=MAX_TEXT)


class SimilarSerializer(serializers.Serializer[Any]):
    """``id`` is what ``me-too`` asks for; ``changed`` what came of it, in the board's words."""

    id = serializers.CharField(source="request.pk")
    headline = serializers.CharField()
    submitted_on = serializers.DateField(source="request.submitted_on")
    is_answered = serializers.BooleanField()
    changed = serializers.CharField()


class JoinedSerializer(serializers.Serializer[Any]):
    request = serializers.CharField(source="request_id")
    on = serializers.DateField()


class JoinsSimilar:
    """Two steps of the requests that are open to whoever may speak, seen or not."""

    @extend_schema(request=TypedSerializer, responses={200: SimilarSerializer(many=True)})
    @action(detail=False, methods=["post"], pagination_class=None, filter_backends=[])
    def similar(self, request: Request) -> Response:
        """相似的事. By POST, so that what is typed stands in no address."""
        user = signed_in(request)
        if not may_submit(user):
            raise PermissionDenied
        given = TypedSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        found = similar_matters(given.validated_data["text"], author.committees_above(user))
        return Response(SimilarSerializer(found, many=True).data)

    @extend_schema(request=None, responses={200: JoinedSerializer, 409: ProblemSerializer})
    @action(detail=True, methods=["post"], url_path="me-too")
    def me_too(self, request: Request, pk: str) -> Response:
        """我也遇到: hear of the same news, without the author's words. Twice is once."""
        open_ones = StaffRequest.objects.filter(pk=pk, is_sealed=False)
        if not open_ones.exclude(headline="").exists():
            raise Http404
        joined = author.me_too(request_id=pk, actor=signed_in(request), now=timezone.now())
        return Response(JoinedSerializer(joined).data)
