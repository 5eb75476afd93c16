"""The monthly meeting and the secretaries' appraisals: the REST twin of their pages."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from branches.models import BranchType
from evaluations.api.rounds import REFUSALS
from evaluations.appraisal import ItemResult
from evaluations.models import (
    AppraisalInput,
    MeetingDecision,
    MeetingVerdict,
    MonthRound,
    RoundParticipant,
)
from evaluations.permissions import may_hold_meeting
from evaluations.selectors.appraisals import appraisals, may_see_appraisal
from evaluations.selectors.meetings import Stop, agenda
from evaluations.services import meetings
from portal.accounts.requests import signed_in
from portal.kernel.api import KEY_REGEX, VisibleRows
from portal.kernel.months import local_date

MAX_KEY = 2**53
MAX_VERSION = 2**31 - 1


class AppraisalItemSerializer(serializers.Serializer[ItemResult]):
    code = serializers.CharField()
    name = serializers.CharField()
    full = serializers.DecimalField(max_digits=7, decimal_places=2)
    marks = serializers.DecimalField(max_digits=7, decimal_places=2, allow_null=True)
    reasons = serializers.ListField(child=serializers.CharField())
    waits_for = serializers.CharField()


class AppraisalSerializer(serializers.Serializer[Any]):
    """``total`` is out of ``full_known``: items that wait for somebody are left out of both."""

    participant = serializers.IntegerField(source="participant.pk")
    branch = serializers.IntegerField(source="participant.branch_id")
    secretary = serializers.IntegerField(source="participant.secretary_id")
    secretary_mode = serializers.CharField(source="participant.secretary_mode")
    total = serializers.DecimalField(max_digits=7, decimal_places=2, source="appraisal.total")
    full_known = serializers.DecimalField(
        max_digits=7, decimal_places=2, source="appraisal.full_known"
    )
    items = AppraisalItemSerializer(many=True, source="appraisal.items")


class DecisionSerializer(serializers.ModelSerializer[MeetingDecision]):
    class Meta:
        model = MeetingDecision
        fields = (
            "id",
            "participant",
            "branch_type",
            "item_code",
            "text",
            "owner",
            "due_on",
            "done_on",
            "result",
        )


class StopSerializer(serializers.Serializer[Stop]):
    participant = serializers.IntegerField(source="participant.pk")
    branch_name = serializers.CharField(source="line.branch_name")
    group = serializers.CharField(source="group.key")
    total = serializers.DecimalField(
        max_digits=7, decimal_places=2, source="line.standing.total", allow_null=True
    )
    verdict = serializers.CharField(source="comment.verdict", default="")
    text = serializers.CharField(source="comment.text", default="")
    own_words = serializers.CharField(source="comment.own_words", default="")
    version = serializers.IntegerField(source="comment.version", default=1)


class MeetingSerializer(serializers.Serializer[Any]):
    """``earlier``: what the last meeting decided, done or not, and whatever older ones left
    open."""

    round = serializers.IntegerField(source="round.pk")
    earlier = DecisionSerializer(many=True, source="earlier_decisions")
    stops = StopSerializer(many=True)
    decisions = DecisionSerializer(many=True)


class CommentSerializer(serializers.Serializer[Any]):
    participant = serializers.IntegerField(min_value=1, max_value=MAX_KEY)
    verdict = serializers.ChoiceField(
        choices=MeetingVerdict.choices, required=False, allow_blank=True, default=""
    )
    text = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    version = serializers.IntegerField(min_value=0, max_value=MAX_VERSION)
    amend = serializers.BooleanField(required=False, default=False)


class MeetingDecideSerializer(serializers.Serializer[Any]):
    participant = serializers.IntegerField(
        min_value=1, max_value=MAX_KEY, required=False, allow_null=True, default=None
    )
    text = serializers.CharField(max_length=200)
    owner = serializers.CharField(max_length=40)
    due_on = serializers.DateField()
    client_key = serializers.UUIDField(required=False, allow_null=True, default=None)
    branch_type = serializers.ChoiceField(
        BranchType.choices, required=False, allow_blank=True, default=""
    )
    item_code = serializers.CharField(max_length=16, required=False, allow_blank=True, default="")


class CloseDecisionSerializer(serializers.Serializer[Any]):
    decision = serializers.IntegerField(min_value=1, max_value=MAX_KEY)
    result = serializers.CharField(max_length=200)


class AppraisalInputSerializer(serializers.Serializer[Any]):
    participant = serializers.IntegerField(min_value=1, max_value=MAX_KEY)
    kind = serializers.ChoiceField(choices=AppraisalInput.Kind.choices)
    marks = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0, max_value=100)


class OwnWordsSerializer(serializers.Serializer[Any]):
    participant = serializers.IntegerField(min_value=1, max_value=MAX_KEY)
    text = serializers.CharField(max_length=300, allow_blank=True)


class MeetingViewSet(VisibleRows, viewsets.GenericViewSet[MonthRound]):
    """例会 of a published month, by the key of its round; ``appraisals`` also before publication,
    for a secretary his own."""

    queryset = MonthRound.objects.select_related("committee", "policy").with_runs()
    ordering = ("-month", "committee")
    serializer_class = MeetingSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    pagination_class = None

    def _round(self, published: bool = True) -> MonthRound:
        round_: MonthRound = self.get_object()
        if not may_hold_meeting(self.request.user, round_):
            raise Http404
        if published and not round_.is_published:
            raise Http404
        return round_

    def _participant(self, round_: MonthRound, pk: int | None) -> RoundParticipant:
        participant: RoundParticipant | None = (
            RoundParticipant.objects.filter(round=round_, pk=pk or 0)
            .select_related("round")
            .first()
        )
        if participant is None:
            raise Http404
        return participant

    def _page(self, round_: MonthRound) -> Response:
        return Response(MeetingSerializer(agenda(round_, signed_in(self.request))).data)

    @extend_schema(responses=MeetingSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._page(self._round())

    @extend_schema(request=CommentSerializer, responses={200: MeetingSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def comment(self, request: Request, pk: str) -> Response:
        """点评 one secretary; without ``verdict`` only the words are kept. ``amend``: after the
        meeting."""
        round_ = self._round()
        given = CommentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        participant = self._participant(round_, values.pop("participant"))
        meetings.comment_secretary(
            participant_id=participant.pk, actor=signed_in(request), now=timezone.now(), **values
        )
        return self._page(round_)

    @extend_schema(request=MeetingDecideSerializer, responses={201: DecisionSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """A decision with owner and day."""
        round_ = self._round()
        given = MeetingDecideSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        about = values.pop("participant")
        decision = meetings.decide(
            round_id=round_.pk,
            participant_id=self._participant(round_, about).pk if about else None,
            actor=signed_in(request),
            now=timezone.now(),
            **values,
        )
        return Response(DecisionSerializer(decision).data, status=201)

    @extend_schema(request=CloseDecisionSerializer, responses={200: DecisionSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="close-decision")
    def close_decision(self, request: Request, pk: str) -> Response:
        round_ = self._round()
        given = CloseDecisionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        decision = (
            MeetingDecision.objects.visible_to(request.user)
            .filter(pk=given.validated_data["decision"], round__committee_id=round_.committee_id)
            .first()
        )
        if decision is None:
            raise Http404
        closed = meetings.close_decision(
            decision_id=decision.pk,
            result=given.validated_data["result"],
            actor=signed_in(request),
            now=timezone.now(),
        )
        return Response(DecisionSerializer(closed).data)

    @extend_schema(responses=AppraisalSerializer(many=True))
    @action(detail=True)
    def appraisals(self, request: Request, pk: str) -> Response:
        """书记履职评价: all for who oversees the committee, one's own for a secretary."""
        user = signed_in(request)
        round_: MonthRound = self.get_object()
        today = local_date(timezone.now())
        found = appraisals(round_, user, today=today)
        rows = [row for row in found if may_see_appraisal(user, row.participant)]
        return Response(AppraisalSerializer(rows, many=True).data)

    @extend_schema(
        request=AppraisalInputSerializer, responses={200: AppraisalSerializer, **REFUSALS}
    )
    @action(detail=True, methods=["post"], url_path="enter")
    def enter(self, request: Request, pk: str) -> Response:
        """单位业绩 or 群众评议 of one secretary, out of 100."""
        round_ = self._round(published=False)
        given = AppraisalInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        participant = self._participant(round_, values.pop("participant"))
        user = signed_in(request)
        meetings.enter_input(
            participant_id=participant.pk, actor=user, now=timezone.now(), **values
        )
        today = local_date(timezone.now())
        (row,) = appraisals(round_, user, only=participant.pk, today=today)
        return Response(AppraisalSerializer(row).data)

    @extend_schema(request=OwnWordsSerializer, responses={204: None, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="own-words")
    def own_words(self, request: Request, pk: str) -> Response:
        """What the branch itself wants said at the meeting."""
        given = OwnWordsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        participant = self._participant(self.get_object(), given.validated_data["participant"])
        meetings.say_own_words(
            participant_id=participant.pk,
            text=given.validated_data["text"],
            actor=signed_in(request),
            now=timezone.now(),
        )
        return Response(status=204)
