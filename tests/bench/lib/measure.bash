# Of tests/bench/run: the single measurements. Each adds one line of JSON to $folder/phases.

kib() { awk -v key="$2:" '$1 == key { print $2 }' "/proc/${daemon[$1]}/status"; }
memory() {
    jq -nc --argjson rss "$(kib "$1" VmRSS)" --argjson own "$(kib "$1" RssAnon)" '{rss_kib: $rss, anonymous_kib: $own}'
}

# "count sum" of the commits so far, where /metrics tells them.
commits() {
    api "$1" /metrics 2>/dev/null | awk '
        /^oracoded_webhook_commit_duration_seconds_count/ { count = $2 }
        /^oracoded_webhook_commit_duration_seconds_sum/ { sum = $2 }
        END { print count + 0, sum + 0 }'
}

# measure DATABASE ARGUMENTS OF oracode_load: DATABASE is empty for nginx. An unexpected answer fails the
# run at its end.
measure() {
    local line status=0
    line=$("$bin/oracode_load" "${@:2}" --codes "${codes[${1:-main}]}" --connections "$connections") || status=$?
    ((status < 2)) || fail "oracode_load $2 failed"
    ((status == 0)) || unexpected=1
    jq -c --argjson round "$round" --arg database "$1" '. + {$round, $database}' <<<"$line" >>"$folder/phases"
    jq -r '"  \(.phase): \(.rate | round)/s, p99 \(.p99_us / 1000) ms, p99.9 \(.p999_us / 1000) ms, " +
           "answers \(.answers), failures \(.failures)"' <<<"$line" >&2
    last=$line
}

# deliver DATABASE NAME SECONDS WARMUP COUNT [OPTION...]: the next COUNT events, or what fits into the time.
deliver() {
    local before after
    before=$(commits "$1")
    measure "$1" deliver --name "$2" --connect "${webhook[$1]}" --watch "${daemon[$1]}" \
        --secret-file "$folder/secret" --begin-ms "${begin_ms[$1]}" --first "${next[$1]}" \
        --seconds "$3" --warmup "$4" --count "$5" "${@:6}"
    after=$(commits "$1")
    next[$1]=$(jq .next <<<"$last")
    rate=$(jq --argjson rate "$rate" '[$rate, (.rate | ceil)] | max' <<<"$last")
    jq -nc --arg phase "$2" --argjson round "$round" --arg before "$before" --arg after "$after" \
        '[$before, $after | split(" ") | map(tonumber)] as [$a, $b]
         | {$phase, $round, commits: ($b[0] - $a[0]), seconds: ($b[1] - $a[1])}' >>"$folder/commits"
}
# Enough events for so many seconds, should it be half as fast again as ever before, in half of the memory
# that is free (an event takes less than 1 KiB).
events_for() {
    awk -v rate="$rate" -v seconds="$1" '
        $1 == "MemAvailable:" { wanted = int(rate * 1.5 * (seconds + 1)) + 1000; most = int($2 / 2) }
        END { print wanted < most ? wanted : most }' /proc/meminfo
}

deliveries() { deliver "$1" "$2" "$seconds" "${3:-0.5}" "$(events_for $((seconds + 2)))"; }
# open_loop RATE: deliveries that are sent when they are due.
open_loop() {
    deliver main "open_$1" "$open_seconds" 1 "$(($1 * (open_seconds + 2)))" --rate "$1"
}
reads() {
    measure main fetch --name "$1" --connect "${api[main]}" --watch "${daemon[main]}" \
        --token-file "$folder/token" --seconds "$seconds"
}
handshakes() {
    measure main fetch --name handshakes --connect "${api[main]}" --watch "${daemon[main]}" \
        --token-file "$folder/token" --target /healthz --fresh-connections --seconds "$handshake_seconds"
}

nginx_post() {
    measure '' deliver --name nginx_post --connect "$plain" --watch "$nginx_pids" --secret-file "$folder/secret" \
        --begin-ms "${begin_ms[main]}" --count 200000 --repeat --seconds "$seconds"
}
nginx_file() {
    measure '' fetch --name nginx_file --connect "$plain" --watch "$nginx_pids" --token-file "$folder/token" \
        --target /code.json --seconds "$seconds"
}
nginx_handshakes() {
    measure '' fetch --name nginx_handshakes --connect "$plain" --watch "$nginx_pids" \
        --token-file "$folder/token" --target /healthz --fresh-connections --seconds "$handshake_seconds"
}

# idle_connections NAME ADDRESS PIDS TARGET OPTION...
idle_connections() {
    "$bin/oracode_load" idle --name "$1" --connect "$2" --watch "$3" --target "$4" "${@:5}" \
        --token-file "$folder/token" --connections "$idle" --seconds 2 >>"$folder/idle" ||
        fail "idle connections: not all of $1 were answered"
}

# Each time of a process that has done nothing yet: one that has worked has memory left over for them.
measure_idle() {
    local list='/v1/access_codes?limit=1'
    say "idle, then with $idle idle connections"
    new_database idle 1
    start_oracoded idle
    sleep 2
    idle_memory=$(memory idle)
    idle_connections together "${api[idle]}" "${daemon[idle]}" "$list" --group "$idle"
    close_database idle
    new_database idle 1
    start_oracoded idle
    idle_connections in_groups "${api[idle]}" "${daemon[idle]}" "$list" --group 20
    close_database idle
    idle_connections nginx "$plain" "$nginx_pids" /code.json --group "$idle"
}
