# The service and what it needs to run, from the lock file; nothing of its tests and tools.
FROM python:3.13-slim AS build
WORKDIR /source
RUN python -m venv /opt/aprofile
COPY requirements.lock requirements-dev.lock ./
RUN /opt/aprofile/bin/pip install --no-cache-dir --no-compile --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY buf ./buf
COPY profile_service ./profile_service
COPY projections ./projections
# The build backend, of this stage only, has the version of the lock file too.
RUN sed -n 's/^\([a-z0-9-]*==[^ ;]*\).*/\1/p' requirements-dev.lock > versions.txt \
 && PIP_CONSTRAINT=/source/versions.txt /opt/aprofile/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/aprofile aprofile \
 && install -d -o aprofile -g aprofile -m 0700 /var/lib/aprofile /var/lib/aprofile-root-keys \
      /var/lib/aprofile-erasures /var/lib/aprofile-signing-key
COPY --from=build /opt/aprofile /opt/aprofile
ENV PATH=/opt/aprofile/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    APROFILE_DATA=/var/lib/aprofile \
    APROFILE_ROOT_KEYS=/var/lib/aprofile-root-keys \
    APROFILE_ERASURES=/var/lib/aprofile-erasures \
    APROFILE_SIGNING_KEY=/var/lib/aprofile-signing-key/key \
    APROFILE_LOG_FORMAT=json
USER aprofile
WORKDIR /var/lib/aprofile
# Apart, so that no backup of the data holds a root key.
VOLUME ["/var/lib/aprofile", "/var/lib/aprofile-root-keys", "/var/lib/aprofile-erasures", \
        "/var/lib/aprofile-signing-key"]
EXPOSE 50051
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["aprofile", "health"]
ENTRYPOINT ["aprofile"]
CMD ["serve"]
