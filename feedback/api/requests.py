"""Requests over the API: reading them, and each step as a POST."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from feedback.api.arranging import RecordsRequests
from feedback.api.files import HasAttachments, sent_files
from feedback.api.request_serializers import (
    REFUSALS,
    AcceptSerializer,
    AskExtensionSerializer,
    AssignRequestSerializer,
    DecideSerializer,
    GrantSerializer,
    IntoSerializer,
    PublishSerializer,
    RateSerializer,
    ReplySerializer,
    RequestSerializer,
    SaySerializer,
    SayWithPhotosSerializer,
    SuperviseSerializer,
    WaySerializer,
    WhatSerializer,
    WordSerializer,
)
from feedback.api.similar import JoinsSimilar
from feedback.keys import KEY_REGEX
from feedback.models import Department, StaffRequest
from feedback.selectors.pages import way_of
from feedback.services import (
    author,
    deadlines,
    handling,
    office,
    publishing,
    submitting,
    supervision,
)
from portal.accounts.requests import signed_in
from portal.kernel.api import ReasonSerializer, VisibleRows
from portal.kernel.months import local_date


class RequestViewSet(
    HasAttachments,
    JoinsSimilar,
    RecordsRequests,
    VisibleRows,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[StaffRequest],
):
    """职工诉求."""

    queryset = StaffRequest.objects.select_related("kind", "category", "department")
    ordering = ("-submitted_on", "pk")
    serializer_class = RequestSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    looks_late = ("me_too",)
    parser_classes = (JSONParser, MultiPartParser)
    filterset_fields = {
        "status": ["exact", "in"],
        "category": ["exact"],
        "department": ["exact"],
        "outcome": ["exact"],
        "submitted_on": ["gte", "lte"],
    }

    def _step(self, service: Any, **values: Any) -> Response:
        key = self.get_object().pk
        service(request_id=key, actor=signed_in(self.request), now=timezone.now(), **values)
        return Response(RequestSerializer(RequestViewSet.queryset.get(pk=key)).data)

    def _given(self, serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        given = serializer(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    @extend_schema(
        request={"application/json": SaySerializer, "multipart/form-data": SayWithPhotosSerializer},
        responses={201: RequestSerializer, **REFUSALS},
    )
    def create(self, request: Request) -> Response:
        """说一件事, named or confidential. Without any name: the anonymous door, which knows no
        token either."""
        made = submitting.submit_request(
            said=submitting.Said(**self._given(SaySerializer)),
            actor=signed_in(request),
            files=sent_files(request),
            now=timezone.now(),
        )
        fresh = RequestViewSet.queryset.get(pk=made.pk)
        return Response(RequestSerializer(fresh).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={200: WaySerializer})
    @action(detail=True, methods=["get"])
    def way(self, request: Request, pk: str) -> Response:
        """What has happened to it, as the page tells the same reader."""
        found = self.get_object()
        return Response(
            WaySerializer(way_of(found, signed_in(request), local_date(timezone.now()))).data
        )

    @extend_schema(request=AcceptSerializer, responses={200: RequestSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """受理."""
        return self._step(office.accept, via="api", **self._given(AcceptSerializer))

    @extend_schema(request=ReasonSerializer, responses={200: RequestSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str) -> Response:
        """不予受理."""
        return self._step(office.decline, via="api", **self._given(ReasonSerializer))

    @extend_schema(request=AssignRequestSerializer, responses={200: RequestSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        """分派, 改派."""
        given = self._given(AssignRequestSerializer)
        department = Department.objects.filter(pk=given["department"]).first()
        if department is None:
            raise Http404
        return self._step(
            office.assign,
            department=department,
            helpers=Department.objects.filter(pk__in=given.get("helpers", [])),
            urgency=given["urgency"],
            note=given["note"],
            via="api",
        )

    @extend_schema(request=ReplySerializer, responses={200: RequestSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def reply(self, request: Request, pk: str) -> Response:
        """答复, with or without a promise."""
        given = self._given(ReplySerializer)
        pledge = None
        if given["promise_what"] and given["promise_due_on"]:
            pledge = handling.Pledge(
                given["promise_what"], given["promise_due_on"], tuple(given.get("teams", ()))
            )
        answer = handling.Answer(
            given["text"], given["outcome"], given["before"], given["after"], pledge
        )
        return self._step(handling.reply, answer=answer, via="api")

    @extend_schema(request=WordSerializer, responses={200: RequestSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def ask(self, request: Request, pk: str) -> Response:
        """给诉求人留言."""
        return self._step(handling.ask_author, via="api", **self._given(WordSerializer))

    @extend_schema(request=WordSerializer, responses={200: RequestSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def add(self, request: Request, pk: str) -> Response:
        """补充一句."""
        return self._step(author.add_word, **self._given(WordSerializer))

    @extend_schema(request=ReasonSerializer, responses={200: RequestSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """暂停计时."""
        return self._step(deadlines.pause, via="api", **self._given(ReasonSerializer))

    @extend_schema(request=None, responses={200: RequestSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """恢复计时."""
        return self._step(deadlines.resume, via="api")

    @extend_schema(request=None, responses={200: RequestSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """撤回."""
        return self._step(author.withdraw)

    @extend_schema(request=RateSerializer, responses={200: RequestSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def rate(self, request: Request, pk: str) -> Response:
        """评价; ``again`` asks for it to be handled once more."""
        return self._step(author.rate, **self._given(RateSerializer))

    @extend_schema(request=SuperviseSerializer, responses={200: RequestSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def supervise(self, request: Request, pk: str) -> Response:
        """督办."""
        return self._step(supervision.supervise, via="api", **self._given(SuperviseSerializer))

    @extend_schema(request=DecideSerializer, responses={200: RequestSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """书记裁定."""
        return self._step(office.decide, via="api", **self._given(DecideSerializer))

    @extend_schema(request=WordSerializer, responses={200: RequestSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str) -> Response:
        """告知办结, by the discipline office."""
        return self._step(office.settle, via="api", **self._given(WordSerializer))

    @extend_schema(request=IntoSerializer, responses={200: RequestSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str) -> Response:
        """并案."""
        into = self._given(IntoSerializer)["into"]
        user = signed_in(request)
        if not StaffRequest.objects.in_office_of(user).filter(pk=into).exists():
            raise Http404
        return self._step(office.merge, into_id=into, via="api")

    @extend_schema(request=AskExtensionSerializer, responses={200: RequestSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="ask-extension")
    def ask_extension(self, request: Request, pk: str) -> Response:
        """申请延期, once."""
        given = self._given(AskExtensionSerializer)
        return self._step(handling.ask_extension, via="api", **given)

    @extend_schema(request=GrantSerializer, responses={200: RequestSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def extension(self, request: Request, pk: str) -> Response:
        """批延期."""
        return self._step(deadlines.decide_extension, via="api", **self._given(GrantSerializer))

    @extend_schema(request=WhatSerializer, responses={200: RequestSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="carry-out")
    def carry_out(self, request: Request, pk: str) -> Response:
        """报完成 of what was planned."""
        return self._step(handling.carry_out, via="api", **self._given(WhatSerializer))

    @extend_schema(request=PublishSerializer, responses={200: RequestSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """公开到看板."""
        return self._step(publishing.publish, via="api", **self._given(PublishSerializer))
