# The daemon with poppler and tesseract beside it, as a user without rights. The root file system may be read-only: what is written lies in the two
# volumes and in /tmp (spools of items, encrypted under a key that is only in memory).
#
#   docker build -t unmirror .
#   docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges --init -p 127.0.0.1:8080:8080 \
#     -v unmirror-data:/var/lib/unmirror -v unmirror-keys:/var/lib/unmirror.keys \
#     -v ./unmirror.yaml:/etc/unmirror/unmirror.yaml:ro unmirror

# On amd64 text is read with AVX-512 or AVX2 where the machine has it: that is Go assembly, which needs no C compiler and is chosen at run time. tesseract, with the
# languages of the documents, reads the text of images and takes some 85 MB: --build-arg OCR="" leaves it out. `doctor` tells both.

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags="-s -w" -o /out/unmirror .

FROM debian:bookworm-slim
ARG OCR="tesseract-ocr tesseract-ocr-nld tesseract-ocr-fra tesseract-ocr-deu tesseract-ocr-eng"
RUN apt-get update \
	&& apt-get install -y --no-install-recommends ca-certificates poppler-utils $OCR \
	&& rm -rf /var/lib/apt/lists/* \
	&& groupadd --gid 10001 unmirror \
	&& useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin unmirror \
	&& install -d -m 0700 -o 10001 -g 10001 /var/lib/unmirror /var/lib/unmirror.keys \
	&& install -d -m 0755 /etc/unmirror
COPY --from=build /out/unmirror /usr/local/bin/unmirror
COPY LICENSE /usr/share/doc/unmirror/LICENSE

# Keys and data are two volumes, so that no backup of the data takes the keys with it.
ENV UNMIRROR_DATA=/var/lib/unmirror \
	UNMIRROR_KEYS=/var/lib/unmirror.keys \
	UNMIRROR_DESK_LISTEN=0.0.0.0:8080 \
	UNMIRROR_LOG_FORMAT=json
VOLUME ["/var/lib/unmirror", "/var/lib/unmirror.keys"]
EXPOSE 8080
USER 10001:10001
WORKDIR /var/lib/unmirror
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["unmirror", "doctor", "--live"]
ENTRYPOINT ["unmirror"]
CMD ["run"]
