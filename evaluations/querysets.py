"""Named sets of rounds, sheets, findings, rankings and notices, with their visibility."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Q

from branches.access import access_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User

OPEN_FINDINGS = ("raised", "confirmed", "disputed", "fixing", "reported", "returned")
TO_FIX_FINDINGS = ("raised", "confirmed", "disputed", "fixing", "returned")
REOPEN_WITHIN = dt.timedelta(days=90)
OPEN_NOTICES = ("issued", "acknowledged", "responded", "returned")


class RoundQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Rounds of the committees the user works in or oversees."""
        access = access_of(user)
        return self.filter(committee_id__in=access.overseen_committees | access.home_committees)

    def overseen_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(committee_id__in=access_of(user).overseen_committees)

    def with_runs(self) -> Self:
        """Annotate what the preliminary standing is compared with: ``previous_run_pk``, the
        latest revision of the month published before, and ``first_run_pk``, the round's own."""
        runs = apps.get_model("evaluations", "RankingRun")._default_manager
        before = runs.filter(
            round__committee_id=models.OuterRef("committee_id"),
            round__month__lt=models.OuterRef("month"),
            round__status="published",
        ).order_by("-round__month", "-revision")
        first = runs.filter(round_id=models.OuterRef("pk"), revision=1)
        return self.annotate(
            previous_run_pk=models.Subquery(before.values("pk")[:1]),
            first_run_pk=models.Subquery(first.values("pk")[:1]),
        )

    def due_to_advance(self, today: dt.date) -> Self:
        """Rounds whose next step the calendar has reached."""
        return self.filter(
            Q(status="open", window_starts_on__lte=today)
            | Q(status="inspecting", window_ends_on__lt=today)
            | Q(status="provisional", publish_on__lte=today)
        )


class ParticipantQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        access = access_of(user)
        return self.filter(
            round__committee_id__in=access.overseen_committees | access.home_committees
        )


class InspectionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Sheets of one's own team; of one's own branch once submitted; all for officers and
        leaders."""
        access = access_of(user)
        return self.filter(
            Q(round__committee_id__in=access.overseen_committees)
            | Q(pk__in=self._of_team(access.person_id))
            | Q(
                inspected_branch_id__in=access.seen_branches,
                status__in=("submitted", "confirmed", "set_aside"),
            )
        )

    def inspected_by(self, user: User | AnonymousUser) -> Self:
        """Sheets that the user fills in: those of his teams."""
        return self.filter(pk__in=self._of_team(access_of(user).person_id))

    def _of_team(self, person_id: int | None) -> models.QuerySet[Any, Any]:
        # An account without a person is in no team: 0 matches nobody, None would match gaps.
        found: models.QuerySet[Any, Any] = self.model._default_manager.filter(
            team__members__person_id=person_id or 0
        ).values("pk")
        return found

    def with_seat_of(self, user: User | AnonymousUser) -> Self:
        """Annotate ``has_seat``: whether the user sits in the visiting team."""
        return self.annotate(
            has_seat=models.Exists(
                self.model._default_manager.filter(
                    pk=models.OuterRef("pk"), team__members__person_id=access_of(user).person_id
                )
            )
        )

    def done(self) -> Self:
        return self.filter(status__in=("submitted", "confirmed"))


class FindingQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        access = access_of(user)
        return self.filter(
            Q(branch__committee_id__in=access.overseen_committees)
            | Q(branch_id__in=access.seen_branches)
            | Q(pk__in=self._of_team(access.person_id))
        )

    def with_files_for(self, user: User | AnonymousUser) -> Self:
        """Findings whose files and pictures the user may open: those he sees, and, while he is
        on a visit to the branch, what earlier months found there and he rechecks."""
        visits = (
            apps.get_model("evaluations", "Inspection")
            ._default_manager.inspected_by(user)
            .filter(round__status="inspecting")
        )
        seen = self.model._default_manager.visible_to(user)
        return self.filter(
            Q(pk__in=seen.values("pk"))
            | Q(
                branch__in=visits.values("inspected_branch"),
                inspection__round__status="published",
            )
        )

    def raised_by(self, user: User | AnonymousUser) -> Self:
        """Findings that the user's teams raised, to be looked back at by them."""
        return self.filter(pk__in=self._of_team(access_of(user).person_id))

    def _of_team(self, person_id: int | None) -> models.QuerySet[Any, Any]:
        # An account without a person is in no team: 0 matches nobody, None would match gaps.
        found: models.QuerySet[Any, Any] = self.model._default_manager.filter(
            inspection__team__members__person_id=person_id or 0
        ).values("pk")
        return found

    def open(self) -> Self:
        return self.filter(status__in=OPEN_FINDINGS)

    def to_fix(self) -> Self:
        """Open findings where it is the branch's turn."""
        return self.filter(status__in=TO_FIX_FINDINGS)

    def overdue(self, today: dt.date) -> Self:
        return self.to_fix().filter(due_on__lt=today)

    def look_back_overdue(self, today: dt.date) -> Self:
        """Reported, and the inspectors have let the look-back day pass."""
        return self.filter(status="reported", look_back_by__lt=today)

    def to_recheck_on(self, visit: Any) -> Self:
        """Findings of earlier months in the visited branch that this visit's team, being another
        one, looks at once more: reported ones of any month, and those of the month before that
        are struck off and that no other team has seen since. Struck off after an appeal there is
        nothing to look at."""
        unseen = Q(rechecked_at__isnull=True) | Q(rechecked_at__lt=models.F("verified_at"))
        before = visit.round.period.plus(-1).first_day
        return (
            self.filter(
                Q(status="reported")
                | Q(status="verified", inspection__round__month=before) & unseen,
                branch_id=visit.inspected_branch_id,
                inspection__round__month__lt=visit.round.month,
            )
            .exclude(inspection__inspector_branch_id=visit.inspector_branch_id)
            .exclude(pk__in=self.model._default_manager.filter(events__step="strike_off"))
        )


class AppealQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        access = access_of(user)
        return self.filter(
            Q(branch__committee_id__in=access.overseen_committees)
            | Q(branch_id__in=access.seen_branches)
        )

    def open(self) -> Self:
        """Not settled yet: nobody has decided, or the second team has not reported."""
        return self.filter(status__in=("filed", "revisit"))


class EntryQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Published lines of the committees the user works in or oversees."""
        access = access_of(user)
        return self.filter(
            run__round__committee_id__in=access.overseen_committees | access.home_committees
        )


class NoticeQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Notices of one's own branch once issued; all for officers and leaders."""
        access = access_of(user)
        return self.filter(
            Q(branch__committee_id__in=access.overseen_committees)
            | (
                Q(branch_id__in=access.seen_branches)
                & ~Q(status__in=("draft", "checked"))
                & Q(issued_at__isnull=False)
            )
        )

    def open(self) -> Self:
        return self.filter(status__in=OPEN_NOTICES)

    def overdue(self, today: dt.date) -> Self:
        """The branch owes an answer and the day has passed."""
        return self.filter(status__in=("issued", "acknowledged", "returned"), due_on__lt=today)

    def unacknowledged(self, today: dt.date) -> Self:
        """Served, and not signed for by the day it should have been."""
        return self.filter(status="issued", acknowledge_by__lt=today)


class PaperQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Bulletins of the committees one works in or oversees; notices as themselves."""
        access = access_of(user)
        return self.filter(
            Q(committee_id__in=access.overseen_committees)
            | Q(kind="bulletin", committee_id__in=access.home_committees)
            | Q(kind="notice", branch_id__in=access.seen_branches)
        )

    def live(self) -> Self:
        return self.filter(voided_at__isnull=True)


class CommentQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All for those who oversee the committee; a branch's own for its secretary and deputy."""
        access = access_of(user)
        return self.filter(
            Q(round__committee_id__in=access.overseen_committees)
            | Q(participant__branch_id__in=access.recording_branches)
        )


class DecisionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All for those who oversee the committee; a branch's own for its secretary and deputy."""
        access = access_of(user)
        return self.filter(
            Q(round__committee_id__in=access.overseen_committees)
            | Q(participant__branch_id__in=access.recording_branches)
        )

    def open(self) -> Self:
        return self.filter(done_on__isnull=True)


class InputQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All for those who oversee the committee; one's own for oneself."""
        access = access_of(user)
        return self.filter(
            Q(branch__committee_id__in=access.overseen_committees)
            | Q(person_id=access.person_id or 0)
        )


class BatchQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Zips of a month hold every branch's papers: for officers and leaders."""
        return self.filter(committee_id__in=access_of(user).overseen_committees)

    def abandoned(self, before: dt.datetime) -> Self:
        """Asked for, or begun, and not touched since: the message or the worker was lost."""
        return self.filter(status__in=("waiting", "running"), touched_at__lt=before)


class RubricVersionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Versions in force: everybody who is signed in, for they bind everybody. Drafts: those
        who may draft."""
        from evaluations.permissions import may_draft_rubric

        if not user.is_authenticated:
            return self.none()
        return self if may_draft_rubric(user) else self.filter(status="active")
