#!/bin/sh
# Build the image of deploy/Containerfile from Debian's packages and the pinned ones, and run the
# demo in it as the image's own user, with a root file system that nothing can be written to:
#     deploy/image.sh build      base by mmdebstrap, image by podman; no registry of images is asked
#     deploy/image.sh demo       sizes, start times, the demo; ends with 1 if anything failed
# Needs Debian's packages mmdebstrap, podman and runc. Packages come from where apt and pip of this
# machine get them. FOLDER has the base, the images and the data (a few GB).
set -eu
cd "$(dirname "$0")/.."

FOLDER=${FOLDER:-$PWD/data/cache/image}
IMAGE=localhost/warehouse:${WAREHOUSE_VERSION:-0.1.0}
# The authorities of this machine, where a proxy or registry of its own needs them.
CA_FILE=${CA_FILE:-/etc/ssl/certs/ca-certificates.crt}
base=$(sed -n 's/^FROM \([^ ]*\) AS build$/\1/p' deploy/Containerfile)
suite=${base##*:}
suite=${suite%-slim}
export TMPDIR="$FOLDER/tmp"
mkdir -p "$TMPDIR"

# A machine without systemd, or whose limits are fixed, runs containers with these too.
engine() {
    podman --root "$FOLDER/images" --runroot "$FOLDER/run" --runtime runc --log-level fatal "$@"
}
LIMITS="--ulimit nofile=1024:1024 --ulimit nproc=1024:1024"

# shellcheck disable=SC2086 # the limits are several words
contain() { # arguments of `podman run`, image and command
    engine run --rm --pull never $LIMITS --cap-drop all --security-opt no-new-privileges \
        --read-only --tmpfs /tmp --volume "$FOLDER/warehouse:/var/lib/warehouse:U" \
        ${AUTHORITIES:-} "$@"
}

seconds() { # of a command, whose output is not shown
    began=$(date +%s.%N)
    "$@" >/dev/null
    echo "$began $(date +%s.%N)" | awk '{printf "%.1f", $2 - $1}'
}

build() {
    if ! engine image exists "$base"; then
        mmdebstrap --quiet --variant=minbase "$suite" "$FOLDER/base.tar"
        engine import --quiet "$FOLDER/base.tar" "$base"
        rm "$FOLDER/base.tar"
    fi
    secret=
    [ ! -r "$CA_FILE" ] || secret="--secret=id=ca.pem,src=$CA_FILE"
    # shellcheck disable=SC2086 # as above
    engine build --quiet --pull=never --isolation chroot --layers=false --format docker $LIMITS \
        ${secret:+"$secret"} --file deploy/Containerfile --tag "$IMAGE" .
}

demo() {
    # The report site's packages come from npm's registry.
    [ ! -r "$CA_FILE" ] ||
        AUTHORITIES="--volume $CA_FILE:/run/ca.pem:ro --env NODE_EXTRA_CA_CERTS=/run/ca.pem"
    rm -rf "$FOLDER/warehouse"
    mkdir "$FOLDER/warehouse"
    user=$(contain --entrypoint id "$IMAGE" -u)
    [ "$user" != 0 ] || { echo "image.sh: the image runs as root" >&2; exit 1; }
    if contain --entrypoint touch "$IMAGE" /opt/warehouse/written 2>/dev/null; then
        echo "image.sh: the root file system can be written" >&2
        exit 1
    fi
    echo "size       $(engine image inspect --format '{{.Size}}' "$IMAGE" | awk '{printf "%.0f MB", $1 / 1e6}')"
    echo "version    in $(seconds contain "$IMAGE" --version) s"
    began=$(date +%s)
    contain "$IMAGE" demo
    echo "demo       in $(($(date +%s) - began)) s, as user $user"
    name=warehouse-image-demo
    began=$(date +%s.%N)
    contain --detach --name "$name" "$IMAGE" serve >/dev/null
    trap 'engine stop --time 5 '"$name"' >/dev/null' EXIT
    tries=0
    until engine exec "$name" python deploy/container/healthy.py >/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 60 ] || { engine logs "$name" >&2; exit 1; }
    done
    echo "$began $(date +%s.%N)" | awk '{printf "serve      answers after %.1f s\n", $2 - $1}'
}

case ${1:-} in
build) build ;;
demo) demo ;;
*)
    echo "image.sh: use build or demo" >&2
    exit 2
    ;;
esac
