# Of tests/bench/run: nginx, and one oracoded for each database that is measured. A database is called by
# a name; of each are known:
declare -A daemon=()   # the process, while it runs
declare -A webhook=()  # address and port of its listeners
declare -A api=()
declare -A codes=()    # places on the locks, each holding one code at a time
declare -A begin_ms=() # when its first event happened
declare -A next=()     # number of its next event
declare -A filled=()   # events stored without a delivery

# still_starting PID UNTIL LOG: ends the run, with the log, when the process has ended or the time is over.
still_starting() {
    if kill -0 "$1" 2>/dev/null && ((SECONDS < $2)); then return; fi
    tail -20 "$3" >&2
    fail "no start: see ${3##*/}"
}

# new_database NAME CODES [EVENTS]: nothing is stored yet. EVENTS: more than ten minutes' worth of
# events, ten a millisecond, will be; none of them may lie in the future.
new_database() {
    codes[$1]=$2 next[$1]=0 filled[$1]=0
    begin_ms[$1]=$(($(date +%s%3N) - 600000 - ${3:-0} / 10))
}

# api DATABASE PATH [CURL OPTION...]
api() {
    curl --silent --insecure --max-time 5 -H "Authorization: Bearer $(<"$folder/token")" \
        "https://${api[$1]}$2" "${@:3}"
}

start_oracoded() {
    local name=$1
    webhook[$name]=127.0.0.1:$(free_port) api[$name]=127.0.0.1:$(free_port)
    cat >"$folder/$name.toml" <<TOML
[webhook]
listen = "${webhook[$name]}"
certificate = "$folder/cert.pem"
private_key = "$folder/key.pem"
secrets_file = "$folder/secret"
[api]
listen = "${api[$name]}"
certificate = "$folder/cert.pem"
private_key = "$folder/key.pem"
tokens_file = "$folder/tokens"
[store]
database = "$folder/$name.db"
$extra
TOML
    "$bin/oracoded" --config "$folder/$name.toml" 2>"$folder/$name.log" &
    daemon[$name]=$!
    local until=$((SECONDS + 60))
    until api "$name" /readyz --fail >/dev/null 2>&1; do
        still_starting "${daemon[$name]}" "$until" "$folder/$name.log"
        sleep 0.1
    done
}

start_nginx() {
    plain=127.0.0.1:$(free_port)
    local user='' cache=''
    ((EUID == 0)) && user='user root;'
    ((open_file_cache)) && cache='open_file_cache max=10;'
    cat >"$folder/nginx.conf" <<CONF
daemon off; $user worker_processes $workers;
pid $folder/nginx.pid; error_log $folder/nginx.log warn;
events { worker_connections 16384; }
http {
    access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; keepalive_time 24h;
    client_header_buffer_size 4k; $cache
    client_body_temp_path $folder/nginx-body; proxy_temp_path $folder/nginx-proxy;
    fastcgi_temp_path $folder/nginx-fastcgi; uwsgi_temp_path $folder/nginx-uwsgi; scgi_temp_path $folder/nginx-scgi;
    types { application/json json; }
    server {
        listen $plain ssl;
        ssl_certificate $folder/cert.pem; ssl_certificate_key $folder/key.pem; ssl_protocols TLSv1.3;
        location = /webhooks/seam { return 204; }
        location = /code.json { root $folder/files; }
        location = /healthz { return 200 "ok"; }
    }
}
CONF
    /usr/sbin/nginx -e "$folder/nginx.log" -c "$folder/nginx.conf" &
    nginx=$!
    local until=$((SECONDS + 10))
    until curl --silent --insecure --output /dev/null "https://$plain/code.json"; do
        still_starting "$nginx" "$until" "$folder/nginx.log"
        sleep 0.1
    done
    nginx_pids=$(pgrep -P "$nginx" | paste -sd,)
}

# end PID: SIGTERM, SIGKILL to one that is still there after 30 s; its exit status.
end() {
    kill -TERM "$1" 2>/dev/null || return 0
    local until=$((SECONDS + 30))
    while [[ $(awk '{ sub(/.*\) /, ""); print $1 }' "/proc/$1/stat" 2>/dev/null) == [^Z] ]]; do
        ((SECONDS < until)) || kill -KILL "$1"
        sleep 0.05
    done
    wait "$1"
}

stop_all() {
    local pid
    for pid in "${daemon[@]}" "${nginx-}" "${beside-}"; do
        [[ -z $pid ]] || end "$pid" || true
    done
}

# close_database NAME: ends its daemon and counts what is stored.
close_database() {
    local name=$1 exit_status=0 rows acknowledged
    end "${daemon[$name]}" || exit_status=$?
    unset "daemon[$name]"
    rows=$(sqlite3 "$folder/$name.db" 'select count(*) from events')
    acknowledged=$(jq -s --arg name "$name" \
        '[.[] | select(.database == $name) | .answers["204"] // 0] | add // 0' "$folder/phases")
    jq -nc --arg name "$name" --argjson rows "$rows" --argjson acknowledged "$acknowledged" \
        --argjson filled "${filled[$name]}" --argjson codes "${codes[$name]}" \
        --argjson exit_status "$exit_status" --argjson bytes "$(stat -c %s "$folder/$name.db")" \
        '{$name, $codes, $rows, $filled, $acknowledged, $exit_status, $bytes}' >>"$folder/databases"
    rm -f "$folder/$name".db*
}

# Whether every database holds exactly what was acknowledged, and every daemon ended well.
check_databases() {
    local wrong
    wrong=$(jq -r 'select(.exit_status != 0) | "oracoded (\(.name)) ended with \(.exit_status)"' "$folder/databases"
        jq -r 'select(.rows != .filled + .acknowledged)
            | "\(.rows) events are stored (\(.name)), \(.filled + .acknowledged) should be"' "$folder/databases")
    [[ -z $wrong ]] || fail "$wrong"
}
