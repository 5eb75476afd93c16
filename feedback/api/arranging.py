"""What the office arranges and teams answer: reception days, links, promises arriving, themes."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from branches.models import Person
from feedback.access import listening_committees
from feedback.keys import KEY_REGEX as RANDOM_KEY
from feedback.keys import LENGTH
from feedback.models import (
    Department,
    Level,
    LinkKind,
    ListeningSession,
    PromiseTeam,
    SessionKind,
    Source,
)
from feedback.models.requests import MAX_TEXT
from feedback.permissions import may_answer_for_team
from feedback.selectors.confirm import to_confirm
from feedback.selectors.themes import themes
from feedback.selectors.visits import MOST_TIMES, linkable
from feedback.services import author, sessions, submitting, visits
from feedback.views.base import today_here
from feedback.views.sessions import arranged_committee
from feedback.views.visits import committee_of
from feedback.visit_permissions import may_assign_links
from portal.accounts.requests import signed_in
from portal.kernel.api import KEY_REGEX, ProblemSerializer
from portal.kernel.errors import DomainError
from portal.kernel.months import Month

REFUSALS: dict[int, Any] = {400: ProblemSerializer, 409: ProblemSerializer}


def key_field(**kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=2**53, **kwargs)


# -- reception days ---------------------------------------------------------------------


class PlanSessionSerializer(serializers.Serializer[Any]):
    """``slot_minutes`` 0: no times to book, just come."""

    kind = serializers.ChoiceField(choices=SessionKind.choices, default=SessionKind.RECEPTION)
    held_on = serializers.DateField()
    starts_at = serializers.TimeField()
    ends_at = serializers.TimeField()
    place = serializers.CharField(max_length=60)
    leader_title = serializers.CharField(max_length=40)
    rule = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    topic = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    slot_minutes = serializers.IntegerField(min_value=0, max_value=240, default=30)
    departments = serializers.ListField(child=key_field(), required=False, max_length=50)


class AnnounceSerializer(serializers.Serializer[Any]):
    late_reason = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default=""
    )


class MinutesSerializer(serializers.Serializer[Any]):
    minutes = serializers.CharField(max_length=4000)


class ResultsSerializer(serializers.Serializer[Any]):
    results = serializers.CharField(max_length=2000)


class CancelSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class UnbookSerializer(serializers.Serializer[Any]):
    slot = serializers.RegexField(rf"^{RANDOM_KEY}$", max_length=LENGTH)


class ArrangesSessions:
    """The steps of a session, mixed into its resource."""

    request: Any
    serializer_class: Any
    get_object: Any

    def _given(self, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        given = kind(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    @property
    def common(self) -> dict[str, Any]:
        return {"actor": signed_in(self.request), "now": timezone.now()}

    def _arranged(self, service: Any, kind: type[serializers.Serializer[Any]]) -> Response:
        session = service(
            session_id=self.get_object().pk, via="api", **self._given(kind), **self.common
        )
        return Response(self.serializer_class(session).data)

    @extend_schema(request=PlanSessionSerializer)
    def create(self, request: Request) -> Response:
        """安排一场."""
        committee = arranged_committee(signed_in(request))
        given = self._given(PlanSessionSerializer)
        keys = given.pop("departments", [])
        departments = tuple(
            Department.objects.filter(committee=committee, is_active=True, pk__in=keys)
        )
        if len(departments) != len(set(keys)):
            raise DomainError(_("到场部门须是本公司的。"), field="departments")
        made = sessions.plan_session(
            committee=committee,
            values=sessions.SessionValues(**given, departments=departments),
            via="api",
            **self.common,
        )
        return Response(self.serializer_class(made).data, status=201)

    @extend_schema(request=AnnounceSerializer)
    @action(detail=True, methods=["post"])
    def announce(self, request: Request, pk: str) -> Response:
        """公告; later than three working days before, with the reason."""
        return self._arranged(sessions.announce, AnnounceSerializer)

    @extend_schema(request=MinutesSerializer)
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, pk: str) -> Response:
        """记为已举行, with its minutes."""
        return self._arranged(sessions.hold, MinutesSerializer)

    @extend_schema(request=ResultsSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """公布结果."""
        return self._arranged(sessions.publish_results, ResultsSerializer)

    @extend_schema(request=CancelSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """取消, with the reason that whoever booked is told."""
        return self._arranged(sessions.cancel, CancelSerializer)

    @extend_schema(request=UnbookSerializer)
    @action(detail=True, methods=["post"])
    def unbook(self, request: Request, pk: str) -> Response:
        """不约了: one's own time."""
        session: ListeningSession = self.get_object()
        slot = self._given(UnbookSerializer)["slot"]
        if not session.slots.filter(pk=slot).exists():
            raise Http404
        sessions.unbook(slot_id=slot, **self.common)
        return Response(self.serializer_class(session).data)


# -- 代记 -------------------------------------------------------------------------------


class RecordSerializer(serializers.Serializer[Any]):
    """``staff_no`` lets the speaker follow it himself; ``session``: the reception day it was
    said at."""

    text = serializers.CharField(max_length=MAX_TEXT)
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=[choice for choice in Source.choices if choice[0] != Source.ONLINE]
    )
    level = serializers.ChoiceField(choices=Level.choices, default=Level.NAMED)
    kind = serializers.CharField(max_length=24, default="suggestion")
    category = serializers.CharField(max_length=24, required=False, allow_blank=True, default="")
    name = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    staff_no = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")
    contact = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    answer_at_once = serializers.CharField(
        max_length=MAX_TEXT, required=False, allow_blank=True, default=""
    )
    session = serializers.RegexField(
        rf"^{RANDOM_KEY}$", required=False, allow_blank=True, default="", max_length=LENGTH
    )
    key = serializers.RegexField(
        rf"^{RANDOM_KEY}$", required=False, allow_blank=True, default="", max_length=LENGTH
    )


class RecordedSerializer(serializers.Serializer[Any]):
    number = serializers.CharField()


class RecordsRequests:
    @extend_schema(request=RecordSerializer, responses={201: RecordedSerializer, **REFUSALS})
    @action(detail=False, methods=["post"], filter_backends=[])
    def record(self, request: Request) -> Response:
        """代记一件: said at a reception day, on the telephone, in a letter."""
        user = signed_in(request)
        committee = arranged_committee(user)
        sent = RecordSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        given = dict(sent.validated_data)
        session = person = None
        if given["session"]:
            session = ListeningSession.objects.filter(
                pk=given["session"], committee=committee
            ).first()
            if session is None:
                raise DomainError(_("这一场不是本党委的。"), field="session")
        if given["staff_no"]:
            person = Person.objects.filter(staff_no=given["staff_no"]).first()
            if person is None:
                raise DomainError(_("没有这个工号。不填也可以，只写姓名。"), field="staff_no")
        made = submitting.record_request(
            said=submitting.Said(
                **{name: given[name] for name in ("text", "level", "kind", "category", "key")}
            ),
            committee=committee,
            source=given["source"],
            speaker=submitting.Speaker(
                person=person,
                name=given["name"] or (person.name if person else ""),
                contact=given["contact"],
            ),
            session=session,
            answer_at_once=given["answer_at_once"],
            actor=user,
            now=timezone.now(),
            via="api",
        )
        return Response(RecordedSerializer(made).data, status=201)


# -- links ------------------------------------------------------------------------------


class NewLinkSerializer(serializers.Serializer[Any]):
    """``branch`` for 挂党支部, ``person`` for 联职工, else ``place``."""

    leader = key_field()
    kind = serializers.ChoiceField(choices=LinkKind.choices)
    branch = key_field(required=False, allow_null=True, default=None)
    place = key_field(required=False, allow_null=True, default=None)
    person = key_field(required=False, allow_null=True, default=None)
    times_a_year = serializers.IntegerField(min_value=1, max_value=MOST_TIMES, default=4)
    started_on = serializers.DateField()


class EndLinkSerializer(serializers.Serializer[Any]):
    ended_on = serializers.DateField()


class AssignsLinks:
    request: Any
    serializer_class: Any
    get_object: Any

    def _given(self, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        given = kind(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    @extend_schema(request=NewLinkSerializer)
    def create(self, request: Request) -> Response:
        """登记一项挂联: the office."""
        user = signed_in(request)
        committee = committee_of(user)
        if not may_assign_links(user, committee):
            raise PermissionDenied
        given = self._given(NewLinkSerializer)
        for name, rows in linkable(committee).items():
            if given[name] is not None:
                key = given[name]
                given[name] = rows.filter(pk=key).first()
                if given[name] is None:
                    raise DomainError(_("没有这一项，或不归您选。"), field=name)
        made = visits.assign_link(
            committee=committee, actor=user, now=timezone.now(), via="api", **given
        )
        return Response(self.serializer_class(made).data, status=201)

    @extend_schema(request=EndLinkSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """结束一项挂联."""
        ended = visits.end_link(
            link_id=self.get_object().pk,
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
            **self._given(EndLinkSerializer),
        )
        return Response(self.serializer_class(ended).data)


# -- what teams say ---------------------------------------------------------------------


class PromiseTeamSerializer(serializers.ModelSerializer[PromiseTeam]):
    """A team that was promised something and has not said that it is there."""

    what = serializers.CharField(source="promise.what")
    promise = serializers.CharField(source="promise_id")

    class Meta:
        model = PromiseTeam
        fields = ("id", "promise", "what", "name", "has_arrived", "note", "answered_on")


class TeamAnswerSerializer(serializers.Serializer[Any]):
    arrived = serializers.BooleanField()
    note = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class TeamViewSet(viewsets.GenericViewSet[PromiseTeam]):
    """等大家确认: those of the team, or the author by name."""

    permission_classes = (IsAuthenticated,)
    queryset = PromiseTeam.objects.all()
    serializer_class = PromiseTeamSerializer
    lookup_value_regex = KEY_REGEX
    pagination_class = None

    @extend_schema(responses={200: PromiseTeamSerializer(many=True)})
    def list(self, request: Request) -> Response:
        teams = []
        for waiting in to_confirm(signed_in(request)):
            for team in waiting.teams:
                team.promise = waiting.promise
                teams.append(team)
        return Response(PromiseTeamSerializer(teams, many=True).data)

    @extend_schema(request=TeamAnswerSerializer, responses={200: PromiseTeamSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        """确认收到，或说还没收到."""
        there = PromiseTeam.objects.filter(pk=pk).select_related("promise__request").first()
        if there is None:
            raise Http404
        if not may_answer_for_team(signed_in(request), there):
            raise PermissionDenied
        given = TeamAnswerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        team = author.answer_for_team(
            team_id=int(pk),
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
            **given.validated_data,
        )
        return Response(PromiseTeamSerializer(team).data)


# -- what comes back --------------------------------------------------------------------


class ThemeSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    counts = serializers.ListField(child=serializers.IntegerField())
    total = serializers.IntegerField()
    is_back = serializers.BooleanField()


class ThemesSerializer(serializers.Serializer[Any]):
    """``counts`` of each row in the order of ``months``."""

    months = serializers.ListField(child=serializers.CharField())
    requests = serializers.IntegerField()
    rows = ThemeSerializer(many=True)


class ThemesView(APIView):
    """常提的事, month by month; for the office."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(responses={200: ThemesSerializer})
    def get(self, request: Request) -> Response:
        committees = listening_committees(signed_in(request))
        if not committees:
            raise PermissionDenied(_("常提的事由书记办公室和党群部看。"))
        today = today_here()
        return Response(ThemesSerializer(themes(committees, Month.of(today), today)).data)
