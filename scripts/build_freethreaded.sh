#!/usr/bin/env bash
# Build a free-threaded CPython from Debian's source package and keep it in the user's cache.
#
# In:  a Debian system with apt (its configured mirror and signing key are used), a C compiler's worth of disk.
# Out: the path of the interpreter, alone on the last line of standard output.
#
# The system's apt state is not touched: the source list, the package lists and the downloads live in a folder of
# their own. Only missing build dependencies are installed into the system, which needs root. A finished build is
# found again and nothing is done. Everything the tools print goes to one log file.
#
# Usage: scripts/build_freethreaded.sh [--path]      --path only prints where the interpreter is, or will be
set -euo pipefail

readonly version=3.13.5
readonly package=python3.13
readonly suite=trixie # the Debian release that carries this version
readonly build_dependencies=(
    build-essential pkg-config xz-utils ca-certificates
    zlib1g-dev libssl-dev libffi-dev libsqlite3-dev libbz2-dev liblzma-dev libreadline-dev libncurses-dev uuid-dev
)

readonly cache="${XDG_CACHE_HOME:-$HOME/.cache}/kimera-di"
readonly prefix="$cache/python3.13t-$version"
readonly python="$prefix/bin/python3.13t"
readonly log="$cache/python3.13t-$version.log"

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "error: $*"
    if [[ -s $log ]]; then
        say "--- last lines of $log"
        tail -n 20 "$log" >&2
    fi
    exit 1
}

works() {
    [[ -x $python ]] && "$python" -c '
import sys
assert not sys._is_gil_enabled()
import bz2, ctypes, lzma, sqlite3, ssl, venv, zlib' >>"$log" 2>&1
}

# Prints deb822 stanzas made from the system's own Debian sources, so that mirror, proxy setting and key stay the
# administrator's choice. `source SUITE`: one deb-src stanza for that suite. `binary`: the system's own suites only,
# because a third-party source that cannot be reached must not stop the build.
apt_sources() {
    python3 - "$@" <<'PYTHON'
import pathlib, re, sys

release = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', pathlib.Path("/etc/os-release").read_text(), re.M))
codename = release.get("VERSION_CODENAME", "")
main_suites = {codename, "stable", "oldstable", "testing", "sid", "unstable"} - {""}
keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"


def stanzas():
    apt = pathlib.Path("/etc/apt")
    for path in sorted(apt.glob("sources.list.d/*.sources")):
        for block in re.split(r"\n\s*\n", path.read_text()):
            lines = [line for line in block.splitlines() if not line.startswith("#")]
            fields = dict(re.findall(r"^([\w-]+):[ \t]*(.*(?:\n[ \t]+.*)*)", "\n".join(lines), re.M))
            fields = {name.lower(): value for name, value in fields.items()}
            if fields.get("enabled", "yes").strip().lower() != "no" and "uris" in fields:
                yield {
                    "types": fields.get("types", "deb").split(),
                    "uris": fields["uris"].split(),
                    "suites": fields.get("suites", "").split(),
                    "components": fields.get("components", "main").split(),
                    "signed": fields.get("signed-by", ""),
                }
    for path in [apt / "sources.list", *sorted(apt.glob("sources.list.d/*.list"))]:
        if not path.is_file():
            continue
        for line in path.read_text().splitlines():
            found = re.match(r"\s*(deb(?:-src)?)\s+(?:\[(.*?)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)", line)
            if found:
                kind, options, uri, suite, components = found.groups()
                signed = re.search(r"signed-by=(\S+)", options or "", re.I)
                yield {
                    "types": [kind],
                    "uris": [uri],
                    "suites": [suite],
                    "components": components.split(),
                    "signed": signed.group(1) if signed else "",
                }


def show(kind, stanza, suites):
    signed = stanza["signed"] or (keyring if pathlib.Path(keyring).is_file() else "")
    print(f"Types: {kind}\nURIs: {' '.join(stanza['uris'])}\nSuites: {' '.join(suites)}\nComponents: main")
    print(f"Signed-By: {signed}\n" if signed else "")


debian = [s for s in stanzas() if "deb" in s["types"] and "main" in s["components"]]
if release.get("ID") != "debian":
    sys.exit(f"this script needs Debian, this system calls itself {release.get('ID')!r}")
if sys.argv[1] == "source":
    mirrors = [s for s in debian if main_suites & set(s["suites"])]
    if not mirrors:
        sys.exit("no Debian mirror for the suites of this system found under /etc/apt")
    show("deb-src", mirrors[0], [sys.argv[2]])
else:
    for stanza in debian:
        own = [suite for suite in stanza["suites"] if re.split(r"[-/]", suite)[0] in main_suites]
        if own:
            show("deb", stanza, own)
PYTHON
}

# An apt-get that keeps its lists, downloads and sources below $1. dpkg's status file stays the system's.
apt_in() {
    local state=$1
    shift
    DEBIAN_FRONTEND=noninteractive apt-get -q \
        -o Dir::Etc::SourceList="$state/debian.sources" -o Dir::Etc::SourceParts="$state/none" \
        -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" \
        -o APT::Sandbox::User=root -o Acquire::Retries=3 -o Acquire::Languages=none "$@"
}

prepare_apt() {
    local state=$1
    mkdir -p "$state/none" "$state/lists/partial" "$state/cache/archives/partial"
    cat >"$state/debian.sources"
    [[ -s $state/debian.sources ]] || fail "no usable Debian source found under /etc/apt"
    cat "$state/debian.sources" >>"$log"
    apt_in "$state" -o APT::Update::Error-Mode=any update >>"$log" 2>&1 || fail "apt could not read the package lists"
}

install_build_dependencies() {
    local missing=() name
    for name in "${build_dependencies[@]}"; do
        dpkg-query -W -f '${db:Status-Status}' "$name" 2>>"$log" | grep -qx installed || missing+=("$name")
    done
    ((${#missing[@]})) || return 0
    ((EUID == 0)) || fail "build dependencies are missing; as root: apt-get install ${missing[*]}"
    say "installing build dependencies: ${missing[*]}"
    apt_sources binary 2>>"$log" | prepare_apt "$work/apt-binary"
    apt_in "$work/apt-binary" install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1 </dev/null \
        || fail "build dependencies could not be installed"
}

fetch_source() {
    apt_sources source "$suite" 2>>"$log" | prepare_apt "$work/apt-source"
    mkdir -p "$work/source"
    (cd "$work/source" && apt_in "$work/apt-source" source --download-only "$package") >>"$log" 2>&1 \
        || fail "the source package $package of $suite could not be fetched"
    cd "$work/source"
    local tarball="${package}_$version.orig.tar.xz"
    [[ -f $tarball ]] || fail "$suite no longer carries $package $version, found: $(ls)"
    # apt checked the whole chain from the signed Release file; this guards against a mix-up of files on our side.
    awk '/^Checksums-Sha256:/ {on = 1; next} /^[^ ]/ {on = 0} on {print $1 "  " $3}' ./*.dsc \
        | grep -F "  $tarball" >"$work/sha256" || fail "the .dsc names no sha256 for $tarball"
    sha256sum --check --strict "$work/sha256" >>"$log" 2>&1 || fail "$tarball does not match the sha256 in its .dsc"
    mkdir "$work/tree"
    tar -xJf "$tarball" -C "$work/tree" --strip-components=1 2>>"$log" || fail "$tarball could not be unpacked"
}

build() {
    cd "$work/tree"
    ./configure --disable-gil --disable-test-modules --prefix="$prefix" >>"$log" 2>&1 || fail "configure failed"
    make -j"$(nproc)" >>"$log" 2>&1 || fail "make failed"
    # Installed beside its place and moved there in one step: an interrupted build never looks like a finished one.
    make install DESTDIR="$work/stage" >>"$log" 2>&1 || fail "make install failed"
    rm -rf "$prefix"
    mv "$work/stage$prefix" "$prefix" 2>>"$log" || fail "the build could not be moved to $prefix"
}

if [[ ${1:-} == --path ]]; then
    printf '%s\n' "$python"
    exit 0
fi

mkdir -p "$cache"
exec 9>"$cache/python3.13t-$version.lock"
flock 9 || fail "could not take the build lock"
if works; then
    say "free-threaded Python $version is already built"
    printf '%s\n' "$python"
    exit 0
fi
: >"$log"
work=$(mktemp -d "$cache/build.XXXXXX")
trap 'rm -rf "$work"' EXIT

say "building free-threaded Python $version (about 5 to 10 minutes); log: $log"
started=$SECONDS
install_build_dependencies
say "fetching the source package from Debian $suite"
(fetch_source) # not "|| ...", which would switch errexit off inside
say "compiling"
(build)
works || fail "the new interpreter does not work, or lacks a module"
say "built in $((SECONDS - started)) s"
printf '%s\n' "$python"
