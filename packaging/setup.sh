#!/bin/sh
# Installs what kafkaview needs to run and to be tested, and skips what is there. `make setup` runs it.
set -eu
cd "$(dirname "$0")/.."

stamp=.venv/setup.stamp
up_to_date() {
    [ -f "$stamp" ] && [ -x .venv/bin/kafkaview ] && [ -d "$(cat "$stamp")" ] || return 1
    for source in requirements.lock pyproject.toml packaging/setup.sh resources/kafka/pom.xml; do
        [ "$stamp" -nt "$source" ] || return 1
    done
}
up_to_date && exit 0

say() { echo "setup: $*"; }
fail() { echo "setup: $*" >&2; exit 1; }

# --- from the system: Python's venv, a JRE, Maven, what Qt links against, and for the tests a screen, a judge, a keyring
packages=""
need() { packages="$packages $1"; }
installed() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -q '^installed$'; }
python_is_new_enough() { python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
java_is_new_enough() {
    version=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')
    [ "${version:-0}" -ge 17 ]
}
qt="libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1 \
libdbus-1-3 libfontconfig1 libwayland-cursor0"

if command -v dpkg-query >/dev/null; then
    python3 -c 'import ensurepip, venv' 2>/dev/null || need python3-venv
    java_is_new_enough || need default-jre-headless
    command -v mvn >/dev/null || need maven
    command -v kcat >/dev/null || need kcat
    command -v Xvfb >/dev/null || need xvfb
    command -v gnome-keyring-daemon >/dev/null || need gnome-keyring
    command -v dbus-daemon >/dev/null || need dbus
    for package in $qt; do installed "$package" || need "$package"; done
    if [ -n "$packages" ]; then
        install="apt-get install -y --no-install-recommends$packages"
        if [ "$(id -u)" = 0 ]; then as_root=""
        elif sudo -n true 2>/dev/null; then as_root="sudo -n"
        else fail "the system lacks some packages. Type this, then try again:
    sudo apt-get update && sudo $install"
        fi
        say "installs$packages"
        said=$({ $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive $install; } 2>&1) || fail "$said"
    fi
else
    java_is_new_enough || need "a Java runtime 17 or later,"
    command -v mvn >/dev/null || need "Maven"
    [ -z "$packages" ] || fail "install first:$packages"
fi
python_is_new_enough || fail "Python 3.11 or later is needed, here is $(python3 --version 2>&1)"

# --- from the lock: the virtual environment
export UV_NATIVE_TLS=1 PIP_DISABLE_PIP_VERSION_CHECK=1
if ! .venv/bin/python -c '' 2>/dev/null; then
    say "makes the virtual environment .venv"
    python3 -m venv --clear .venv
fi
uv=$(sed -n 's/^\(uv==[^ ;]*\).*/\1/p' requirements.lock)
if [ "uv==$(.venv/bin/uv --version 2>/dev/null | cut -d' ' -f2)" != "$uv" ]; then
    say "installs $uv"
    .venv/bin/python -m pip install --quiet "$uv"
fi
say "installs the packages of requirements.lock"
# Compiled at once: where Python may write no bytecode later, every start would compile all of it again.
.venv/bin/uv pip sync --quiet --compile-bytecode --python .venv/bin/python requirements.lock
.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
.venv/bin/python -m compileall -q kafkaview

# --- from Maven: Kafka
say "fetches Kafka's jars, if they are not in the cache"
.venv/bin/python -c 'from kafkaview.demo.jars import kafka_jars; print(kafka_jars())' >"$stamp.part"
say "prepares a broker's start, if that is not done"
.venv/bin/python -c 'from kafkaview.demo.kafka import archive_classes; archive_classes()' ||
    say "that did not work: brokers start a little slower"
mv "$stamp.part" "$stamp"
say "is done: .venv/bin/kafkaview"
