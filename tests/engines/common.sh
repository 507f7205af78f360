# What the checks of engines share: a small study, its results on this machine alone, and how a check gives up.

# Says loudly why nothing was tested; the caller may then not call it a success.
skip() {
    echo "!!! NOT TESTED: $1 !!!" >&2
    exit 77
}
fail() {
    echo "FAILED: $1" >&2
    exit 1
}

# prepare NEARFAR [WORKDIR]: the program, and a folder that is removed in the end unless it was named.
prepare() {
    nearfar=$(realpath "${1:?usage: $0 NEARFAR [WORKDIR]}")
    if [[ -n ${NEARFAR_WORK:-} ]]; then
        work=$NEARFAR_WORK
    elif [[ -n ${2:-} ]]; then
        mkdir -p "$2"
        work=$(realpath "$2")
        export NEARFAR_KEEP=yes
    else
        work=$(mktemp -d)
    fi
    export NEARFAR_WORK=$work
    trap 'ended=$(jobs -p); [[ -z $ended ]] || kill $ended 2>/dev/null || true; [[ ${NEARFAR_KEEP:-} == yes ]] || rm -rf "$work"' EXIT
    began=$SECONDS
}
seconds() { echo "$((SECONDS - began)) s: $*"; }

# install COMMANDS PACKAGES: Debian packages, if one of the commands is missing.
install() {
    local commands=$1 packages=$2 command missing=""
    for command in $commands; do command -v "$command" >/dev/null || missing=$command; done
    [[ -n $missing ]] || return 0
    if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
        # shellcheck disable=SC2086
        (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages) \
            >"$work/apt.txt" 2>&1 || tail -n 5 "$work/apt.txt" >&2
        hash -r
    fi
    for command in $commands; do
        command -v "$command" >/dev/null ||
            skip "there is no $command and it could not be installed (Debian: apt-get install $packages)"
    done
}

# alone ARGUMENTS: goes on, with these arguments, on a machine of its own in all but processors and disk: its name is localhost,
# its network has nothing but 127.0.0.1, and whatever it starts is gone when it ends, however it ends. Returns where the system
# does not allow that.
alone() {
    if [[ ${NEARFAR_ALONE:-} == yes ]]; then
        ip link set lo up
        # With 127.0.0.1 as its only address a machine looks up no names, not even its own.
        ip address add 127.0.0.2/8 dev lo
        echo localhost >/proc/sys/kernel/hostname
        return 0
    fi
    local enter=(unshare --net --uts --pid --fork --kill-child --mount-proc)
    "${enter[@]}" ip link set lo up 2>/dev/null || return 1
    NEARFAR_ALONE=yes exec "${enter[@]}" bash "$0" "$@"
}

# study SECONDS: a study of 60 runs of about so long each, with this build on this machine, and its results in $work/here.
study() {
    local seconds=$1 start hours
    mkdir -p "$work/study"
    cat >"$work/study/town.toml" <<'TOWN'
label = "A small town"
seed = 7
horizon_h = 3.0
start_hour = 11.0
[city]
side_km = 5.0
[demand]
orders_per_day = 400
[consumers]
count = 200
[catalogue]
skus_per_category = 8
[couriers]
count = 6
TOWN
    start=$(date +%s%N)
    "$nearfar" run "$work/study/town.toml" -o "$work/study/pilot" --no-report --quiet
    # The time of a run grows with its hours; a fast build gets more of them.
    hours=$(awk -v s="$seconds" -v ns=$(($(date +%s%N) - start)) \
        'BEGIN { h = int(3e9 * s / ns); print (h < 1 ? 1 : h > 96 ? 96 : h) }')
    cat >"$work/study/fleet.toml" <<SWEEP
label = "How many couriers for a small town"
scenarios = ["town.toml"]
metrics = ["orders", "click_to_door_mean_min", "cost_per_order"]
[set]
horizon_h = $hours.0
[replications]
min = 10
max = 10
[[factor]]
key = "couriers.count"
values = [2, 4, 8]
[[factor]]
key = "near.radius_km"
linspace = { from = 2, to = 3, n = 2 }
kind = "uncertainty"
SWEEP
    "$nearfar" sweep "$work/study/fleet.toml" -o "$work/here" --quiet
    seconds "60 runs of $hours h each are done on this machine alone"
}

# A name that breaks whatever is not quoted.
hard_name="the town's plan, 50% & more"

# fact FOLDER NAME: a number that sweep status tells.
fact() { { "$nearfar" sweep status "$1" --json 2>/dev/null || true; } | grep -o "\"$2\":[0-9]*" | cut -d: -f2; }
# Whether a worker has published anything.
begun() { [[ -n $(find "$1/runs" -name 'chunk-*') ]]; }
# Collects a folder and compares it with the results of this machine alone: same FOLDER WHAT
same() {
    local theirs mine
    "$nearfar" sweep status "$1" >/dev/null || fail "$2: runs are missing"
    "$nearfar" sweep collect "$1" >/dev/null
    theirs=$(sha256sum <"$1/results.parquet") mine=$(sha256sum <"$work/here/results.parquet")
    [[ $theirs == "$mine" ]] || fail "$2 gives other results than this machine alone: $theirs, not $mine"
    seconds "ok, $2 gives the same bytes: ${theirs%% *}"
}
