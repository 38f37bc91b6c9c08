# Shared by ./run, ./test and packaging/install-packages; sourced, never run.

repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
tools="$repository/.tools"
jobs="$(nproc)"

# Debian's own Node is too old for the web build; install-packages puts a current one here.
if [[ -x "$tools/node_modules/.bin/node" ]]; then
    export PATH="$tools/node_modules/.bin:$PATH"
fi

banner() {
    printf '\n\033[1m── %s\033[0m\n' "$*"
}

seconds_since() {
    printf '%d s' $(($(date +%s) - $1))
}

has_current_node() {
    command -v node >/dev/null && command -v npm >/dev/null &&
        [[ "$(node --version | sed 's/^v//; s/\..*//')" -ge 20 ]]
}

# One hash over the contents of every file below a folder, build products aside.
hash_of_folder() {
    (cd "$1" && find . \( -name node_modules -o -name dist \) -prune -o -type f -print0 |
        sort -z | xargs -0 --no-run-if-empty sha256sum | sha256sum | cut -c1-64)
}

install_web_packages() {
    local folder="$1" stamp="$1/node_modules/.installed" wanted
    wanted="$(sha256sum "$folder/package-lock.json" | cut -c1-64)"
    if [[ ! -f "$stamp" || "$(cat "$stamp")" != "$wanted" ]]; then
        (cd "$folder" && npm ci --no-audit --no-fund)
        printf '%s' "$wanted" >"$stamp"
    fi
}

# Builds web/dist when a source of the page has changed.
build_web() {
    local web="$repository/web" stamp="$repository/build/web.stamp" wanted
    [[ -f "$web/package.json" ]] || return 0
    wanted="$(hash_of_folder "$web")"
    if [[ -d "$web/dist" && -f "$stamp" && "$(cat "$stamp")" == "$wanted" ]]; then
        echo "the page is up to date"
        return 0
    fi
    install_web_packages "$web"
    (cd "$web" && npm run build)
    mkdir -p "$repository/build"
    printf '%s' "$wanted" >"$stamp"
}

# build_preset <preset> <ninja target>…
build_preset() {
    local preset="$1"
    shift
    if [[ ! -f "$repository/build/$preset/build.ninja" ]]; then
        (cd "$repository" && cmake --preset "$preset" -Wno-dev)
    fi
    ninja -C "$repository/build/$preset" -j "$jobs" "$@"
}
