"""Reception days and the public board."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api.arranging import REFUSALS, ArrangesSessions
from feedback.keys import KEY_REGEX, LENGTH
from feedback.models import ListeningSession, Publication
from feedback.selectors.board import board
from feedback.services import sessions
from feedback.views.base import today_here
from portal.accounts.requests import signed_in
from portal.kernel.api import VisibleRows


class ListeningSessionSerializer(serializers.ModelSerializer[ListeningSession]):
    """Without minutes, which stay inside the office, and without who booked."""

    class Meta:
        model = ListeningSession
        fields = (
            "id",
            "kind",
            "status",
            "held_on",
            "starts_at",
            "ends_at",
            "place",
            "leader_title",
            "rule",
            "topic",
            "announced_at",
            "results",
            "published_at",
        )


class BookSerializer(serializers.Serializer[Any]):
    slot = serializers.RegexField(rf"^{KEY_REGEX}$", max_length=LENGTH)
    topic = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    is_confidential = serializers.BooleanField(required=False, default=False)


class SlotSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    starts_at = serializers.TimeField()
    is_free = serializers.BooleanField()
    is_mine = serializers.BooleanField()


class SessionViewSet(
    ArrangesSessions,
    VisibleRows,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[ListeningSession],
):
    """接待日."""

    queryset = ListeningSession.objects.all()
    ordering = ("-held_on", "pk")
    serializer_class = ListeningSessionSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = {"status": ["exact", "in"], "held_on": ["gte", "lte"]}

    @extend_schema(responses={200: SlotSerializer(many=True)}, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def slots(self, request: Request, pk: str) -> Response:
        """The times, which are free, which is mine; nobody's name."""
        user = signed_in(request)
        rows = [
            {
                "id": slot.pk,
                "starts_at": slot.starts_at,
                "is_free": slot.booked_by_id is None,
                "is_mine": slot.booked_by_id == user.pk,
            }
            for slot in self.get_object().slots.all()
        ]
        return Response(SlotSerializer(rows, many=True).data)

    @extend_schema(request=BookSerializer, responses={200: ListeningSessionSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def book(self, request: Request, pk: str) -> Response:
        """约一个时间."""
        session = self.get_object()
        given = BookSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        if not session.slots.filter(pk=values["slot"]).exists():
            raise Http404
        sessions.book(
            slot_id=values.pop("slot"), actor=signed_in(request), now=timezone.now(), **values
        )
        return Response(ListeningSessionSerializer(session).data)


class ChangeSerializer(serializers.ModelSerializer[Publication]):
    class Meta:
        model = Publication
        fields = ("said", "changed", "detail", "who", "published_at")


class RateLineSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField(source="label")
    part = serializers.IntegerField()
    whole = serializers.IntegerField()
    percent = serializers.DecimalField(max_digits=4, decimal_places=1, allow_null=True)
    definition = serializers.CharField()


class BoardSerializer(serializers.Serializer[Any]):
    first = serializers.DateField()
    today = serializers.DateField()
    rates = RateLineSerializer(many=True)
    changes = ChangeSerializer(many=True)


class BoardView(APIView):
    """说了什么，改了什么: the four rates with their counts, and the latest changes."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(responses={200: BoardSerializer})
    def get(self, request: Request) -> Response:
        shown = board(signed_in(request), request.query_params.dict(), today_here())
        return Response(
            BoardSerializer(
                {
                    "first": shown.first,
                    "today": shown.today,
                    "rates": shown.rates,
                    "changes": [change.publication for change in shown.changes],
                }
            ).data
        )
