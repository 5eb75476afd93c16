from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedbackConfig(AppConfig):
    name = "feedback"
    verbose_name = _("书记听您说")

    def ready(self) -> None:
        from feedback.access import plug_in as plug_in_access

        plug_in_access()

        from feedback import navigation

        navigation.plug_in()

        from feedback.channel import plug_in as plug_in_channel

        plug_in_channel()

        from feedback.calendar import sessions
        from portal.notifications.feed import register_calendar

        register_calendar("sessions", sessions)
