# The portal's one image: web, worker, beat and migrate differ only in their command.

FROM python:3.11-slim AS build
ENV PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
RUN python -m venv /opt/venv
COPY script/uv.txt requirements.txt ./
RUN python -m pip install --require-hashes -r uv.txt \
    && uv pip install --python /opt/venv/bin/python --require-hashes --compile-bytecode -r requirements.txt
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /srv/portal
COPY . .
# Any long secrets and any PostgreSQL address do: collecting files opens neither.
RUN PORTAL_SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(64))') \
    PORTAL_RECEIPT_SECRET=$(python -c 'import secrets; print(secrets.token_urlsafe(64))') \
    PORTAL_DATABASE_URL=postgres://portal@postgres/portal \
    PORTAL_STATIC_ROOT=/srv/static \
    python manage.py collectstatic --noinput \
    && rm -rf tests benchmarks script docs \
    && python -m compileall -q .

# Free fonts for official papers; the company may mount its own over /srv/fonts.
FROM debian:12-slim AS fonts
WORKDIR /fetch
COPY script/fonts script/fonts
RUN apt-get update && PORTAL_FONTS_DIR=/srv/fonts bash script/fonts --optional && mkdir -p /srv/fonts

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin portal \
    && install -d -o portal -g portal -m 0750 /srv/media
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/static /srv/static
COPY --from=build /srv/portal /srv/portal
COPY --from=fonts /srv/fonts /srv/fonts
WORKDIR /srv/portal
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PORTAL_ENV=production PORTAL_STATIC_ROOT=/srv/static PORTAL_MEDIA_ROOT=/srv/media \
    PORTAL_FONTS_DIR=/srv/fonts
USER 10001:10001
EXPOSE 8000
VOLUME /srv/media
HEALTHCHECK --interval=30s --timeout=10s --start-period=40s --retries=3 \
    CMD ["python", "deploy/healthcheck.py", "web"]
CMD ["gunicorn", "--config", "deploy/gunicorn.py", "--bind", "0.0.0.0:8000", "--workers", "2", "portal.wsgi"]
