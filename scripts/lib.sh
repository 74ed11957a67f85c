# shellcheck shell=bash
# lib.sh: what the scripts share. To be sourced; does nothing by itself.

# What building and `make check` need, by Debian package.
# shellcheck disable=SC2034
build_packages=(
    autoconf automake gcc libc6-dev make pkg-config
    libpcap0.8-dev libnl-route-3-dev libcap-dev libjansson-dev libedit-dev zlib1g-dev
    check libnet1-dev python3
)

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# missing_packages NAME...: prints those that are not installed, on one line.
missing_packages() {
    dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
        awk -v wanted="$*" '
            $2 == "installed" { have[$1] = 1 }
            END {
                n = split(wanted, name, " ")
                for (i = 1; i <= n; i++)
                    if (!(name[i] in have)) { printf "%s%s", gap, name[i]; gap = " " }
            }' || true
}

# need_packages NAME...: installs what is missing, and only then runs apt-get.
need_packages() {
    if ! command -v dpkg-query >/dev/null; then
        say "no dpkg here: taking it that the counterparts of these are installed: $*"
        return
    fi
    local missing as_root=()
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null ||
            die "not installed: $missing. As root: apt-get install $missing"
        as_root=(sudo)
    fi
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
    say "installing with apt-get: $missing"
    "${apt[@]}" update </dev/null || say "apt-get update failed: trying with the lists at hand"
    local names
    read -ra names <<<"$missing"
    "${apt[@]}" install -y --no-install-recommends "${names[@]}" </dev/null >&2 ||
        die "apt-get could not install: $missing"
}

# copy_sources FOLDER: puts there what git tracks, or what is new and not ignored, times preserved. A
# build in the copy leaves this folder alone, and one in this folder does not get in its way.
copy_sources() {
    mkdir -p "$1"
    git -c safe.directory='*' ls-files -z --cached --others --exclude-standard |
        tar --create --null --files-from=- --ignore-failed-read | tar --extract --directory="$1"
}
