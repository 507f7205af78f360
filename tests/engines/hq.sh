#!/usr/bin/env bash
# A sweep on HyperQueue on this machine: `nearfar sweep submit --engine hq`, one worker killed in the middle, submitted again.
# What is collected must be the very bytes of the same sweep without an engine. It is tried as far as the machine allows:
#
#   1. under a stand-in for `hq` that starts the tasks of an array one after the other: shows that the script says what it means;
#   2. on a real server with two workers, by HyperQueue's Python package, installed by pip into a folder of its own;
#   3. by the real `hq`, if it is on the PATH.
#
#   tests/engines/hq.sh NEARFAR [WORKDIR]     WORKDIR is kept, with all logs; a temporary folder is removed
#
# Ends with 77 if neither 2 nor 3 could be tried.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/engines/common.sh
. "$here/common.sh"
prepare "$@"
python=$work/python/bin/python3
if [[ -z ${NEARFAR_ALONE:-} ]]; then
    { python3 -m venv "$work/python" && "$python" -m pip install --quiet hyperqueue; } >"$work/pip.txt" 2>&1 || rm -rf "$work/python"
fi
alone "$@" || echo "this system allows no namespaces (unshare): HyperQueue is reachable from outside while this runs"

study 0.1

# hq_is WORDS...: the `hq` found on the PATH from now on, as a shell script.
hq_is() {
    mkdir -p "$work/bin"
    printf '#!/bin/bash\n%s\n' "$*" >"$work/bin/hq"
    chmod +x "$work/bin/hq"
}
submit() { PATH=$work/bin:$PATH "$nearfar" sweep submit "$plan" --engine hq --shards 8 "$@"; }
plan_in() {
    mkdir -p "$work/$1"
    plan="$work/$1/$hard_name"
    "$nearfar" sweep plan "$work/study/fleet.toml" -o "$plan" --json >/dev/null
}

plan_in stand-in
hq_is 'while [[ $1 != -- ]]; do [[ $1 != --array=* ]] || array=${1#*=}; shift; done; shift
for part in ${array//,/ }; do
    for task in $(seq "${part%-*}" "${part#*-}"); do HQ_TASK_ID=$task "$@" || exit; done
done'
submit --dry-run >"$work/script.sh"
sed -i 's/--array=0-7/--array=1-3,6/' "$work/script.sh"
PATH=$work/bin:$PATH sh "$work/script.sh"
(($(fact "$plan" missing) < 60)) || fail "the script ran nothing"
submit --dry-run | grep -q -e '--array=0,4-5,7 ' || fail "what is left is not asked for: $(submit --dry-run)"
submit >/dev/null
same "$plan" "the script for HyperQueue"

# killed_and_again WHAT: submits, kills one worker of nearfar when another is done, submits the rest.
killed_and_again() {
    submit >"$work/said.txt" 2>&1 &
    local submitted=$! waited=0 victim
    # One that began when another had ended, so that it has all its work before it.
    until begun "$plan" && victim=$(pgrep -n -f "^[^ ]* sweep run $work/package/.* --shard [2-7]/8"); do
        ((++waited < 1200)) || { cat "$work/said.txt"; fail "$1: no shard is done while another is at work"; }
        sleep 0.05
    done
    kill -9 "$victim"
    wait "$submitted" || { cat "$work/said.txt"; fail "$1: cannot be submitted"; }
    head -n 1 "$work/said.txt"
}

tried=no
if [[ -x $python ]]; then
    tried=yes
    plan_in package
    mkdir "$work/door"
    "$python" "$here/hq_cluster.py" "$work/door" >"$work/server.txt" 2>&1 &
    server=$!
    for _ in {1..200}; do [[ -e $work/door/ready ]] && break; sleep 0.1; done
    [[ -e $work/door/ready ]] || { cat "$work/server.txt"; fail "HyperQueue does not come up"; }
    hq_is "exec '$python' '$here/hq_cluster.py' '$work/door' \"\$@\""
    killed_and_again "HyperQueue"
    missing=$(fact "$plan" missing)
    ((missing > 0)) || fail "nothing was lost, so this shows nothing"
    seconds "$missing runs are missing"
    submit | head -n 1
    same "$plan" "HyperQueue with a worker killed"
    touch "$work/door/stop"
    wait "$server"
else
    echo "!!! NOT TESTED: HyperQueue's Python package cannot be installed: $(tail -n 1 "$work/pip.txt") !!!" >&2
fi

rm -f "$work/bin/hq"
if command -v hq >/dev/null; then
    tried=yes
    plan_in command
    export HQ_SERVER_DIR=$work/hq
    hq server start >"$work/hq-server.txt" 2>&1 &
    daemons=($!)
    for _ in {1..100}; do hq server info >/dev/null 2>&1 && break; sleep 0.1; done
    for _ in 1 2; do
        hq worker start --cpus 1 >>"$work/hq-workers.txt" 2>&1 &
        daemons+=($!)
    done
    submit | head -n 2
    for _ in {1..1200}; do begun "$plan" && break; sleep 0.05; done
    # A worker that is lost takes its tasks with it; HyperQueue begins them anew on the other.
    kill -9 "${daemons[2]}"
    hq job wait last
    if (($(fact "$plan" missing) > 0)); then submit | head -n 2; hq job wait last; fi
    same "$plan" "the command hq with a worker lost"
    hq server stop
fi
[[ $tried == yes ]] || skip "no HyperQueue here: neither its Python package nor the command hq"
