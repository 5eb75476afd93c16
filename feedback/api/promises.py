"""Promises and supervision orders over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from feedback.api.request_serializers import REFUSALS
from feedback.keys import KEY_REGEX
from feedback.models import Promise, SupervisionOrder
from feedback.services import author, handling, supervision
from portal.accounts.requests import signed_in
from portal.kernel.api import ReasonSerializer, VisibleRows


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
