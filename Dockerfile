# One image for the web, the workers and the beat; docker-compose.yml says which is which.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore \
    MERIDIAN_DATA=/var/lib/meridian

RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/meridian meridian
WORKDIR /opt/meridian

# What changes seldom comes first, so that a change of the program does not fetch everything again.
COPY requirements.lock ./
RUN pip install --require-hashes --only-binary :all: -r requirements.lock

COPY . ./
RUN pip install --no-deps --no-build-isolation --no-index --editable .

USER meridian
VOLUME /var/lib/meridian
EXPOSE 8000

# No access log: addresses of pages name patients' records.
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "billing.web.app:create_app()"]
