"""Rounds: reading, opening, advancing, publishing; and the standing they lead to."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from branches.access import access_of
from branches.models import Committee
from evaluations.api.papers import PAPER_ANSWERS, PAPER_RENDERERS
from evaluations.models import (
    Inspection,
    InspectionTeam,
    MonthRound,
    PairingChange,
    PairingDraw,
    RoundParticipant,
)
from evaluations.paper_files import bulletin_file
from evaluations.permissions import may_run_round
from evaluations.selectors.pairings import may_see_pairing
from evaluations.services import pairing, rounds
from evaluations.services.pairing_facts import latest_draw
from evaluations.services.publish import PublishResult, publish_round, republish_round
from portal.accounts.requests import signed_in
from portal.kernel.api import (
    KEY_REGEX,
    MonthSerializerField,
    ProblemSerializer,
    ReasonSerializer,
    VisibleRows,
)


class RoundSerializer(serializers.ModelSerializer[MonthRound]):
    month = MonthSerializerField()
    committee_name = serializers.CharField(source="committee.name")

    class Meta:
        model = MonthRound
        fields = (
            "id",
            "committee",
            "committee_name",
            "month",
            "status",
            "focus",
            "records_due_on",
            "window_starts_on",
            "window_ends_on",
            "appeals_end_on",
            "publish_on",
            "meeting_on",
            "opened_at",
            "published_at",
        )


class OpenRoundSerializer(serializers.Serializer[Any]):
    committee = serializers.IntegerField(min_value=1, max_value=2**53)
    month = MonthSerializerField()


class ParticipantSerializer(serializers.ModelSerializer[RoundParticipant]):
    name = serializers.CharField(source="branch.name")

    class Meta:
        model = RoundParticipant
        fields = (
            "id",
            "branch",
            "name",
            "tier",
            "branch_type",
            "is_exempt",
            "rubric_version",
            "secretary_mode",
            "member_count",
            "has_committee",
            "group_count",
        )


class TeamSerializer(serializers.ModelSerializer[InspectionTeam]):
    branch_name = serializers.CharField(source="branch.name")

    class Meta:
        model = InspectionTeam
        fields = ("id", "number", "branch", "branch_name")


class AssignSerializer(serializers.Serializer[Any]):
    team = serializers.IntegerField(min_value=1, max_value=2**53)
    participant = serializers.IntegerField(min_value=1, max_value=2**53)
    planned_on = serializers.DateField(required=False, allow_null=True, default=None)
    planned_time = serializers.TimeField(required=False, allow_null=True, default=None)
    place = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")


class AssignedSerializer(serializers.ModelSerializer[Inspection]):
    class Meta:
        model = Inspection
        fields = ("id", "team", "participant", "planned_on", "planned_time", "place", "status")


class PublishedSerializer(serializers.Serializer[Any]):
    round = RoundSerializer()
    already = serializers.BooleanField()
    revision = serializers.IntegerField()
    digest = serializers.CharField()


class DrawSerializer(serializers.ModelSerializer[PairingDraw]):
    class Meta:
        model = PairingDraw
        fields = ("number", "seed", "digest", "drawn_at", "reason", "certificate")


class DropOutSerializer(serializers.Serializer[Any]):
    branch = serializers.IntegerField(min_value=1, max_value=2**53)
    reason = serializers.CharField(max_length=300)


class FreedSerializer(serializers.Serializer[Any]):
    freed = serializers.IntegerField()


class ReplannedSerializer(serializers.ModelSerializer[PairingChange]):
    class Meta:
        model = PairingChange
        fields = ("at", "reason", "added", "relaxations", "faults")


REFUSALS = {400: ProblemSerializer, 409: ProblemSerializer}


class RoundViewSet(
    VisibleRows,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[MonthRound],
):
    """月度轮次. Officers open and advance; everybody in the committee may read the calendar."""

    queryset = MonthRound.objects.select_related("committee", "policy")
    ordering = ("-month", "committee")
    serializer_class = RoundSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = ("committee", "status")

    @extend_schema(request=OpenRoundSerializer, responses={201: RoundSerializer, **REFUSALS})
    def create(self, request: Request) -> Response:
        """Open the round of a month; opening twice gives the one that is there."""
        given = OpenRoundSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        committee = Committee.objects.filter(
            pk=given.validated_data["committee"],
            pk__in=access_of(request.user).officer_committees,
        ).first()
        if committee is None:
            raise PermissionDenied
        round_ = rounds.open_round(
            committee=committee,
            month=given.validated_data["month"],
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return Response(RoundSerializer(round_).data, status=status.HTTP_201_CREATED)

    def _step(self, request: Request, service: Any) -> Response:
        given = ReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        round_ = service(
            round_id=self.get_object().pk,
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
            reason=given.validated_data["reason"],
        )
        return Response(RoundSerializer(round_).data)

    @extend_schema(request=ReasonSerializer, responses={200: RoundSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="start-inspection")
    def start_inspection(self, request: Request, pk: str) -> Response:
        return self._step(request, rounds.start_inspection)

    @extend_schema(request=ReasonSerializer, responses={200: RoundSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="close-inspection")
    def close_inspection(self, request: Request, pk: str) -> Response:
        return self._step(request, rounds.close_inspection)

    @extend_schema(request=ReasonSerializer, responses={200: RoundSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="reopen-inspection")
    def reopen_inspection(self, request: Request, pk: str) -> Response:
        return self._step(request, rounds.reopen_inspection)

    @extend_schema(request=ReasonSerializer, responses={200: PublishedSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """Publish the ranking and bulletin. Published already is an answer, not an error."""
        given = ReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        result = publish_round(
            round_id=self.get_object().pk,
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
            reason=given.validated_data["reason"],
        )
        return self._published(result)

    @extend_schema(request=ReasonSerializer, responses={200: PublishedSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def republish(self, request: Request, pk: str) -> Response:
        """更正并重新发布: a new revision beside the old; ``already`` when nothing differs."""
        given = ReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        result = republish_round(
            round_id=self.get_object().pk,
            reason=given.validated_data["reason"],
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return self._published(result)

    def _published(self, result: PublishResult) -> Response:
        return Response(
            PublishedSerializer(
                {
                    "round": self.get_queryset().get(pk=result.run.round_id),
                    "already": result.already,
                    "revision": result.run.revision,
                    "digest": result.run.digest,
                }
            ).data
        )

    @extend_schema(responses=PAPER_ANSWERS)
    @action(
        detail=True,
        methods=["get"],
        url_path=r"bulletin\.(?P<form>pdf|docx)",
        renderer_classes=PAPER_RENDERERS,
        filterset_fields=(),
        pagination_class=None,
    )
    def bulletin_paper(self, request: Request, pk: str, form: str) -> HttpResponse:
        """月度通报 as a paper; before publication only for those who run the round."""
        return bulletin_file(signed_in(request), int(pk), form)

    @extend_schema(responses=ParticipantSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_fields=())
    def participants(self, request: Request, pk: str) -> Response:
        """参评单位, as they stood when the round opened."""
        rows = self.get_object().participants.select_related("branch")
        return Response(ParticipantSerializer(rows, many=True).data)

    @extend_schema(responses=TeamSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_fields=())
    def teams(self, request: Request, pk: str) -> Response:
        rows = self.get_object().teams.select_related("branch")
        return Response(TeamSerializer(rows, many=True).data)

    @extend_schema(request=AssignSerializer, responses={201: AssignedSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        """Send a team to a branch of another type."""
        round_ = self.get_object()
        given = AssignSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        team = round_.teams.filter(pk=values.pop("team")).first()
        participant = round_.participants.filter(pk=values.pop("participant")).first()
        if team is None or participant is None:
            raise Http404
        inspection, _faults = pairing.add_by_hand(
            round_id=round_.pk,
            team=team,
            participant=participant,
            actor=signed_in(request),
            now=timezone.now(),
            **values,
        )
        return Response(AssignedSerializer(inspection).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={200: DrawSerializer, 404: ProblemSerializer})
    @action(detail=True, pagination_class=None, filterset_fields=(), url_path="pairing")
    def certificate(self, request: Request, pk: str) -> Response:
        """The certificate of the latest draw: rules, inputs, seed, plan, what gave way."""
        round_ = self.get_object()
        draw = latest_draw(round_)
        if draw is None or not may_see_pairing(signed_in(request), round_):
            raise Http404
        return Response(DrawSerializer(draw).data)

    @extend_schema(request=ReasonSerializer, responses={201: DrawSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def draw(self, request: Request, pk: str) -> Response:
        """抽签. A second draw needs a reason."""
        given = ReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        drawn = pairing.draw_round(
            round_id=self.get_object().pk,
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
            reason=given.validated_data["reason"],
        )
        return Response(DrawSerializer(drawn).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=DropOutSerializer, responses={200: FreedSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="drop-out")
    def drop_out(self, request: Request, pk: str) -> Response:
        """A branch can send no team (any more): its planned visits fall free."""
        round_ = self.get_object()
        if not may_run_round(request.user, round_):
            raise PermissionDenied
        given = DropOutSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        participant = round_.participants.filter(branch=given.validated_data["branch"]).first()
        if participant is None:
            raise Http404
        freed = pairing.drop_out(
            round_id=round_.pk,
            branch=participant.branch,
            reason=given.validated_data["reason"],
            actor=signed_in(request),
            now=timezone.now(),
        )
        return Response(FreedSerializer({"freed": freed}).data)

    @extend_schema(request=None, responses={200: ReplannedSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def replan(self, request: Request, pk: str) -> Response:
        """Fill the holes with the least change."""
        change = pairing.replan(
            round_id=self.get_object().pk, actor=signed_in(request), now=timezone.now()
        )
        return Response(ReplannedSerializer(change).data)
