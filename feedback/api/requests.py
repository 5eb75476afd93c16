"""Requests, their promises and supervision orders: reading them, and each step as a POST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
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
from feedback.api.similar import JoinsSimilar
from feedback.keys import KEY_REGEX, LENGTH
from feedback.models import (
    Department,
    Level,
    Message,
    Outcome,
    Promise,
    Rating,
    Reply,
    RequestEvent,
    Solved,
    StaffRequest,
    SupervisionOrder,
    Urgency,
)
from feedback.models.requests import MAX_TEXT
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
from portal.attachments.limits import SEALED
from portal.kernel.api import ProblemSerializer, ReasonSerializer, VisibleRows
from portal.kernel.months import local_date

REFUSALS = {400: ProblemSerializer, 409: ProblemSerializer}
SIGNED = [level for level in Level.values if level != Level.ANONYMOUS]


class RequestSerializer(serializers.ModelSerializer[StaffRequest]):
    """Never a name: who said it is asked on the page, one logged look at a time."""

    number = serializers.CharField()
    kind_name = serializers.CharField(source="kind.name")
    category_name = serializers.CharField(source="category.name", allow_null=True, default=None)
    department_name = serializers.CharField(source="department.name", allow_null=True, default=None)

    class Meta:
        model = StaffRequest
        fields = (
            "id",
            "number",
            "kind",
            "kind_name",
            "category",
            "category_name",
            "source",
            "level",
            "headline",
            "text",
            "submitted_on",
            "status",
            "outcome",
            "urgency",
            "department",
            "department_name",
            "accept_due_on",
            "assign_due_on",
            "reply_due_on",
            "result_due_on",
            "replied_on",
            "closed_on",
            "decline_reason",
            "version",
        )


class SaySerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=MAX_TEXT)
    level = serializers.ChoiceField(choices=SIGNED)
    kind = serializers.CharField(max_length=24, default="suggestion")
    category = serializers.CharField(max_length=24, required=False, allow_blank=True, default="")
    key = serializers.RegexField(
        rf"^{KEY_REGEX}$", required=False, allow_blank=True, default="", max_length=LENGTH
    )


class SayWithPhotosSerializer(SaySerializer):
    photos = serializers.ListField(
        child=serializers.FileField(), required=False, max_length=SEALED.max_files
    )


class AcceptSerializer(serializers.Serializer[Any]):
    headline = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    category = serializers.CharField(max_length=24, required=False, allow_blank=True, default="")


class AssignRequestSerializer(serializers.Serializer[Any]):
    department = serializers.IntegerField(min_value=1, max_value=2**53)
    helpers = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**53), required=False, max_length=50
    )
    urgency = serializers.ChoiceField(choices=Urgency.choices, default=Urgency.ORDINARY)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class WordSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=MAX_TEXT)


class ReplySerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=MAX_TEXT)
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    before = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    after = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    promise_what = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default=""
    )
    promise_due_on = serializers.DateField(required=False, allow_null=True, default=None)
    teams = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=200
    )


class RateSerializer(serializers.Serializer[Any]):
    solved = serializers.ChoiceField(choices=Solved.choices)
    is_answered = serializers.BooleanField()
    comment = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    again = serializers.BooleanField(required=False, default=False)


class SuperviseSerializer(serializers.Serializer[Any]):
    demand = serializers.CharField(max_length=300)
    due_on = serializers.DateField()


class IntoSerializer(serializers.Serializer[Any]):
    into = serializers.RegexField(rf"^{KEY_REGEX}$", max_length=LENGTH)


class AskExtensionSerializer(serializers.Serializer[Any]):
    new_due_on = serializers.DateField()
    reason = serializers.CharField(max_length=300)


class GrantSerializer(serializers.Serializer[Any]):
    grant = serializers.BooleanField()


class WhatSerializer(serializers.Serializer[Any]):
    what = serializers.CharField(max_length=200)


class PublishSerializer(serializers.Serializer[Any]):
    said = serializers.CharField(max_length=200)
    changed = serializers.CharField(max_length=200)
    detail = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    who = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    is_featured = serializers.BooleanField(required=False, default=False)


class DecideSerializer(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    text = serializers.CharField(max_length=1000)


class RequestEventSerializer(serializers.ModelSerializer[RequestEvent]):
    class Meta:
        model = RequestEvent
        fields = ("number", "code", "text", "note", "on", "at", "actor_office")


class RequestAnswerSerializer(serializers.ModelSerializer[Reply]):
    department_name = serializers.CharField(source="department.name")

    class Meta:
        model = Reply
        fields = ("number", "department_name", "text", "before", "after", "outcome", "replied_at")


class RequestMessageSerializer(serializers.ModelSerializer[Message]):
    class Meta:
        model = Message
        fields = ("number", "is_from_author", "office", "text", "on", "at")


class RequestRatingSerializer(serializers.ModelSerializer[Rating]):
    class Meta:
        model = Rating
        fields = ("look", "solved", "is_answered", "comment", "rated_on")


class WaySerializer(serializers.Serializer[Any]):
    """The way of one request, oldest first: what the page shows under 经过, 答复, 对话, 评价."""

    events = RequestEventSerializer(many=True)
    replies = RequestAnswerSerializer(many=True)
    messages = RequestMessageSerializer(many=True)
    ratings = RequestRatingSerializer(many=True)


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


# -- promises and orders ----------------------------------------------------------------


class PromiseSerializer(serializers.ModelSerializer[Promise]):
    department_name = serializers.CharField(source="department.name")

    class Meta:
        model = Promise
        fields = (
            "id",
            "request",
            "department",
            "department_name",
            "what",
            "due_on",
            "status",
            "ordered_at",
            "delivered_at",
            "delivery_note",
            "confirm_by",
            "confirmed_on",
            "recall_reason",
        )


class NoteSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class DeliverSerializer(NoteSerializer):
    teams = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=200
    )


class ArrivedSerializer(NoteSerializer):
    arrived = serializers.BooleanField()


class PromiseViewSet(
    VisibleRows, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Promise]
):
    """承诺."""

    queryset = Promise.objects.select_related("department")
    ordering = ("due_on", "pk")
    serializer_class = PromiseSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = {"status": ["exact", "in"], "due_on": ["gte", "lte"]}

    def _step(
        self, service: Any, serializer: type[serializers.Serializer[Any]], **more: Any
    ) -> Response:
        given = serializer(data=self.request.data)
        given.is_valid(raise_exception=True)
        made = service(
            promise_id=self.get_object().pk,
            actor=signed_in(self.request),
            now=timezone.now(),
            **given.validated_data,
            **more,
        )
        return Response(PromiseSerializer(made).data)

    @extend_schema(request=NoteSerializer, responses={200: PromiseSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def order(self, request: Request, pk: str) -> Response:
        """记为已下单."""
        return self._step(handling.order_promised, NoteSerializer, via="api")

    @extend_schema(request=DeliverSerializer, responses={200: PromiseSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def deliver(self, request: Request, pk: str) -> Response:
        """说已送达."""
        return self._step(handling.deliver_promised, DeliverSerializer, via="api")

    @extend_schema(request=ReasonSerializer, responses={200: PromiseSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def recall(self, request: Request, pk: str) -> Response:
        """收回承诺."""
        return self._step(handling.recall_promise, ReasonSerializer, via="api")

    @extend_schema(request=ArrivedSerializer, responses={200: PromiseSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def arrived(self, request: Request, pk: str) -> Response:
        """诉求人确认收到, or not."""
        return self._step(author.confirm_promise, ArrivedSerializer)


class OrderSerializer(serializers.ModelSerializer[SupervisionOrder]):
    document_number = serializers.CharField(source="__str__")
    department_name = serializers.CharField(source="department.name")

    class Meta:
        model = SupervisionOrder
        fields = (
            "id",
            "document_number",
            "request",
            "department",
            "department_name",
            "demand",
            "due_on",
            "status",
            "issued_at",
            "result",
            "reported_at",
            "struck_off_at",
        )


class ResultSerializer(serializers.Serializer[Any]):
    result = serializers.CharField(max_length=500)


class OrderViewSet(
    VisibleRows,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[SupervisionOrder],
):
    """督办单."""

    queryset: QuerySet[SupervisionOrder] = SupervisionOrder.objects.select_related("department")
    ordering = ("-year", "-number", "pk")
    serializer_class = OrderSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = {"status": ["exact", "in"]}

    @extend_schema(request=ResultSerializer, responses={200: OrderSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def report(self, request: Request, pk: str) -> Response:
        """报办理结果."""
        given = ResultSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        order = supervision.report_order(
            order_id=self.get_object().pk,
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
            **given.validated_data,
        )
        return Response(OrderSerializer(order).data)

    @extend_schema(request=None, responses={200: OrderSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="strike-off")
    def strike_off(self, request: Request, pk: str) -> Response:
        """销号."""
        order = supervision.strike_off(
            order_id=self.get_object().pk,
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return Response(OrderSerializer(order).data)
