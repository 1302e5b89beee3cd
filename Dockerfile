# The build stages have Node and the compilers; the run stage has the program and the libraries it
# needs. business.numbers has no default: give RINGBACK_BUSINESS__NUMBERS, or a file of your own.
FROM node:20-bookworm-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web/ ./
COPY docs/openapi.yaml /src/docs/openapi.yaml
RUN npm run build

FROM debian:12 AS build
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      g++ cmake ninja-build ccache mold pkg-config \
      libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev \
      libsqlitecpp-dev libsqlite3-dev libpq-dev libfmt-dev libspdlog-dev libtomlplusplus-dev \
      libcli11-dev libpugixml-dev libhowardhinnant-date-dev prometheus-cpp-dev libcjose-dev \
      libjansson-dev libargon2-dev libphonenumber8 libprotobuf-dev libabsl-dev
WORKDIR /src
RUN mkdir -p build/deps && cd build/deps && apt-get download libphonenumber-dev && \
    dpkg-deb -x libphonenumber-dev_*.deb .
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY core core
COPY adapters adapters
COPY app app
# The pages become part of the program.
COPY --from=web /src/web/dist web/dist
RUN cmake --preset release && ninja -C build/release ringback && \
    strip build/release/bin/ringback

FROM debian:12-slim
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      ca-certificates curl tzdata libboost-json1.81.0 libboost-url1.81.0 libssl3 libsqlite3-0 \
      libpq5 libfmt9 libspdlog1.10 libtomlplusplus3 libpugixml1v5 libdate-tz3 libprometheus-cpp-core1.0 \
      libcjose0 libjansson4 libargon2-1 libphonenumber8 && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --system --uid 10001 --home-dir /var/lib/ringback --create-home ringback
WORKDIR /opt/ringback
COPY --from=build /src/build/release/bin/ringback /usr/local/bin/ringback
COPY config/ringback.toml /etc/ringback/ringback.toml
# One volume holds the database and the key that was made on the first start.
ENV RINGBACK_SERVER__LISTEN=0.0.0.0:8501 \
    RINGBACK_STORAGE__URL=sqlite:/var/lib/ringback/ringback.db
USER ringback
VOLUME /var/lib/ringback
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s --retries=3 \
  CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8501/livez"]
ENTRYPOINT ["ringback"]
CMD ["serve"]
