#!/bin/sh
# A hook of Claude Code: records the model calls of the session that has just answered or ended, each once.
# It needs METERING_API_KEY, METERING_URL where the service is not on this machine, and `metering` on the PATH.
set -eu
transcript=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["transcript_path"])')
exec metering import claude-code "$transcript" --set "userId=${METERING_USER:-$USER}" --json >>"${TMPDIR:-/tmp}/metering_hook.log" 2>&1
