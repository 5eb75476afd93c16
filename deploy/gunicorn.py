"""How gunicorn runs the portal, in the demo and in the containers."""

from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-not-found,import-untyped,unused-ignore]

worker_class = "gthread"
threads = 8
timeout = 60
graceful_timeout = 20
control_socket_disable = True
worker_tmp_dir = "/dev/shm"  # noqa: S108 - a heartbeat file must not wait for a disk

# One line per request and nothing of the person: no address, no user agent, no referrer, and
# of the URL only the path, because a query may hold a name that somebody searched for.
accesslog = "-"
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(B)s bytes %(M)s ms"


class QuietLogger(Logger):  # type: ignore[misc,unused-ignore]
    """Of the anonymous channel there is no line at all: even a bare time would say when. Nor of
    static files: a stylesheet fetched without its page (the channel's own, or any that was not in
    the browser yet) would say it as well."""

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:
        if not environ.get("PATH_INFO", "").startswith(("/listen/anonymous/", "/static/")):
            super().access(resp, req, environ, request_time)


logger_class = QuietLogger
