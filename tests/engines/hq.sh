#!/usr/bin/env bash
# A sweep on a real HyperQueue on this machine, by the cluster that its Python package brings along; and the script of
# `sweep submit --engine hq` under a stand-in for `hq` that runs each task of the array through a shell, as HyperQueue does.
# What is collected must be the very bytes of the same sweep without an engine.
#
#   tests/engines/hq.sh NEARFAR [WORKDIR]     WORKDIR is kept, with all logs; a temporary folder is removed
#
# Installs the package with pip into a folder of its own. Ends with 77 if it cannot be tried here. Where the real `hq` is on the
# PATH, the script goes to it as well.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/engines/common.sh
. "$here/common.sh"
prepare "$@"
if [[ -z ${NEARFAR_ALONE:-} ]]; then
    stand_in=yes
    "$here/hq-script.sh" "$nearfar" "$work"
    command -v python3 >/dev/null || skip "there is no python3 for HyperQueue's package"
fi
