# Of tests/bench/run: the measurements in their order.

# The order changes, so that neither side always comes after the other.
in_turn() {
    local each
    if ((round % 2)); then
        for each in "$@"; do $each; done
    else
        for ((each = $#; each > 0; --each)); do ${!each}; done
    fi
}

compare() {
    for ((round = 1; round <= rounds; ++round)); do
        say "round $round of $rounds"
        in_turn 'deliveries small deliveries_small' nginx_post 'deliveries main deliveries'
        in_turn nginx_file 'reads reads'
        in_turn nginx_handshakes handshakes
        in_turn 'open_loop 5000' 'open_loop 1500'
    done
}

# fill DATABASE EVENTS: without HTTP, which would take several times as long.
fill() {
    say "filling $1 with $2 events of ${codes[$1]} codes at a time"
    local line
    line=$("$bin/oracode_fill" --database "$folder/$1.db" --codes "${codes[$1]}" \
        --begin-ms "${begin_ms[$1]}" --first "${next[$1]}" --count "$2") || fail "oracode_fill failed"
    next[$1]=$(jq .next <<<"$line")
    filled[$1]=$((filled[$1] + $(jq .stored <<<"$line")))
    say "  $(jq -r '"\(.seconds) s"' <<<"$line")"
}

# The rate with few codes, with many, and with many events stored, each in its own daemon.
grow() {
    new_database many_codes "$growth_codes" "$growth_codes"
    fill many_codes "$growth_codes"
    new_database many_events "${codes[small]}" "$growth_events"
    fill many_events "$growth_events"
    sync -f "$folder"
    start_oracoded many_codes
    start_oracoded many_events
    for ((round = 1; round <= rounds; ++round)); do
        say "growth, round $round of $rounds"
        in_turn 'deliveries small growth_small 2' 'deliveries many_codes growth_codes 2' \
            'deliveries many_events growth_events 2'
    done
}

# beside NAME CONNECTIONS TARGET: asks for the same all the time while the next measurement runs.
beside() {
    "$bin/oracode_load" fetch --name "$1" --connect "${api[main]}" --watch "${daemon[main]}" \
        --token-file "$folder/token" --codes "${codes[main]}" --connections "$2" ${3:+--target "$3"} \
        --seconds 3600 --warmup 0 >"$folder/beside" &
    beside=$!
    # All of them have to be there before the clock starts.
    until (($(ss -Htn state established "sport = :${api[main]##*:}" | wc -l) >= $2)); do sleep 0.1; done
}
alone() {
    kill "$beside"
    wait "$beside" || true
    beside=''
}

# What reads take from deliveries, and what those who wait do.
mix() {
    local waiting
    say "deliveries and reads at the same time"
    waiting=$(api main '/v1/access_codes?limit=1&ended=false' | jq -r '.access_codes[0].access_code_id')
    round=0
    deliveries main mixed_alone
    beside reads 64
    deliveries main mixed_with_reads
    alone
    beside lists 4 '/v1/access_codes?ready=false&limit=1000'
    deliveries main mixed_with_lists
    reads mixed_reads_with_lists
    alone
    beside waiting "$mixed" "/v1/access_codes/$waiting?wait_for=removing&wait=60"
    deliveries main mixed_with_waiting
    reads mixed_reads_with_waiting
    alone
}

sustain() {
    round=0
    say "delivering for $sustained s"
    deliver main sustained "$sustained" 0.5 "$(events_for "$sustained")"
}
