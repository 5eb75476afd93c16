"""Addresses of organisations, people and records."""

from __future__ import annotations

from django.urls import path

from branches.views import (
    accounts,
    duties,
    imports,
    materials,
    organisation,
    papers,
    people,
    records,
    registers,
)

app_name = "branches"
urlpatterns = [
    path("branches/", organisation.Tree.as_view(), name="list"),
    path("branches/new/", organisation.BranchCreate.as_view(), name="create"),
    path("branches/<int:pk>/", organisation.BranchPage.as_view(), name="detail"),
    path("branches/<int:pk>/edit/", organisation.BranchEdit.as_view(), name="edit"),
    path("branches/<int:pk>/classify/", organisation.Classify.as_view(), name="classify"),
    path("branches/<int:pk>/close/", organisation.BranchClose.as_view(), name="close"),
    path("branches/<int:pk>/groups/new/", organisation.GroupCreate.as_view(), name="group-create"),
    path("groups/<int:pk>/end/", organisation.GroupEnd.as_view(), name="group-end"),
    path("committees/new/", organisation.CommitteeCreate.as_view(), name="committee-create"),
    path("committees/<int:pk>/", organisation.CommitteePage.as_view(), name="committee-detail"),
    path("committees/<int:pk>/edit/", organisation.CommitteeEdit.as_view(), name="committee-edit"),
    path(
        "committees/<int:pk>/appointments/new/",
        people.CommitteeAppoint.as_view(),
        name="committee-appoint",
    ),
    path("branches/<int:pk>/members/", people.Members.as_view(), name="members"),
    path("branches/<int:pk>/members/new/", people.MemberAdd.as_view(), name="member-add"),
    path("memberships/<int:pk>/end/", people.MemberEnd.as_view(), name="member-end"),
    path("memberships/<int:pk>/group/", people.MemberGroup.as_view(), name="member-group"),
    path("branches/<int:pk>/appointments/new/", people.Appoint.as_view(), name="appoint"),
    path("appointments/<int:pk>/end/", people.AppointmentEnd.as_view(), name="appointment-end"),
    path("people/", people.PersonList.as_view(), name="person-list"),
    path("people/new/", people.PersonCreate.as_view(), name="person-create"),
    path("people/<int:pk>/edit/", people.PersonEdit.as_view(), name="person-edit"),
    path("accounts/", accounts.AccountList.as_view(), name="account-list"),
    path("accounts/new/", accounts.AccountOpen.as_view(), name="account-open"),
    path("accounts/<int:pk>/password/", accounts.AccountReset.as_view(), name="account-reset"),
    path("accounts/<int:pk>/switch/", accounts.AccountSwitch.as_view(), name="account-switch"),
    path("grants/", people.GrantList.as_view(), name="grant-list"),
    path("grants/new/", people.GrantCreate.as_view(), name="grant-create"),
    path("grants/<int:pk>/end/", people.GrantEnd.as_view(), name="grant-end"),
    path("records/branches/<int:pk>/", records.RecordList.as_view(), name="record-list"),
    path(
        "records/branches/<int:pk>/export/",
        records.RecordListFile.as_view(),
        name="record-list-file",
    ),
    path("records/branches/<int:pk>/new/", records.RecordCreate.as_view(), name="record-create"),
    path("records/branches/<int:pk>/roster/", records.Roster.as_view(), name="roster"),
    path("records/branches/<int:pk>/calendar/", records.Calendar.as_view(), name="calendar"),
    path("records/branches/<int:pk>/dues/", registers.Dues.as_view(), name="dues"),
    path("records/branches/<int:pk>/dues/export/", registers.DuesFile.as_view(), name="dues-file"),
    path("records/branches/<int:pk>/study/", registers.Study.as_view(), name="study"),
    path("records/dues-calculator/", registers.Calculator.as_view(), name="dues-calculator"),
    path(
        "records/branches/<int:pk>/registers/<slug:slug>/",
        registers.RegisterList.as_view(),
        name="register",
    ),
    path(
        "records/branches/<int:pk>/registers/<slug:slug>/export/",
        registers.RegisterFile.as_view(),
        name="register-file",
    ),
    path(
        "records/branches/<int:pk>/registers/<slug:slug>/new/",
        registers.RegisterAdd.as_view(),
        name="register-add",
    ),
    path(
        "records/registers/<slug:slug>/<int:row>/take-back/",
        registers.RegisterTakeBack.as_view(),
        name="register-take-back",
    ),
    path(
        "records/<int:pk>/<slug:slug>.<slug:form>", papers.RecordFile.as_view(), name="record-file"
    ),
    path(
        "records/branches/<int:pk>/handbook-<int:year>.<slug:form>",
        papers.Handbook.as_view(),
        name="handbook",
    ),
    path(
        "records/branches/<int:pk>/import/<slug:kind>/",
        imports.ImportUpload.as_view(),
        name="import",
    ),
    path(
        "records/branches/<int:pk>/import/<slug:kind>/blank/",
        imports.ImportBlank.as_view(),
        name="import-blank",
    ),
    path("records/imports/<uuid:uuid>/", imports.ImportPreview.as_view(), name="import-preview"),
    path(
        "records/imports/<uuid:uuid>/problems/",
        imports.ImportProblems.as_view(),
        name="import-problems",
    ),
    path("burden/", duties.BurdenPage.as_view(), name="burden"),
    path("duties/", duties.DutyBoard.as_view(), name="duty-board"),
    path("duties/export/", duties.DutyBoardFile.as_view(), name="duty-board-file"),
    path(
        "committees/<int:pk>/duty-settings/",
        duties.DutySettingsForm.as_view(),
        name="duty-settings",
    ),
    path("records/", records.OwnRecords.as_view(), name="own-records"),
    path("records/new/", records.NewRecord.as_view(), name="record-new"),
    path("records/<int:pk>/", records.RecordDetail.as_view(), name="record-detail"),
    path("records/<int:pk>/edit/", records.RecordEdit.as_view(), name="record-edit"),
    path("records/<int:pk>/materials/", materials.MaterialsAdd.as_view(), name="record-materials"),
    path(
        "records/<int:pk>/materials/<uuid:file>/remove/",
        materials.MaterialRemove.as_view(),
        name="record-material-remove",
    ),
    path("records/<int:pk>/delete/", records.RecordDelete.as_view(), name="record-delete"),
]
