# Of tests/bench/run: what has to be there before anything is measured.

say() { printf '%s\n' "$*" >&2; }
fail() { say "bench: $*"; exit 1; }

install_missing() {
    local packages=()
    [[ -x /usr/sbin/nginx ]] || packages+=(nginx-light)
    command -v sqlite3 >/dev/null || packages+=(sqlite3)
    command -v jq >/dev/null || packages+=(jq)
    command -v curl >/dev/null || packages+=(curl)
    command -v openssl >/dev/null || packages+=(openssl)
    ((${#packages[@]})) || return 0
    local sudo=()
    ((EUID == 0)) || sudo=(sudo)
    "${sudo[@]}" apt-get update -qq
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2
}

build() {
    bin=$root/build/release/bin
    (cd "$root" && cmake --preset release -DORACODE_TESTS=ON &&
        cmake --build --preset release --target oracoded oracode_load oracode_fill) >&2
}

free_port() {
    local port
    while true; do
        port=$((20000 + RANDOM % 10000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

prepare_folder() {
    if [[ -e $folder ]]; then
        # Only a folder that an earlier run made is emptied.
        [[ -e $folder/.bench || -z $(ls -A "$folder") ]] || fail "$folder is not empty and not of an earlier run"
        rm -rf "$folder"
    fi
    mkdir -p "$folder/files"
    folder=$(cd "$folder" && pwd)
    touch "$folder/.bench" "$folder/phases" "$folder/commits" "$folder/databases"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
        -keyout "$folder/key.pem" -out "$folder/cert.pem" 2>/dev/null
    (umask 077
     echo "whsec_$(openssl rand -base64 24)" >"$folder/secret"
     openssl rand -hex 16 >"$folder/token"
     echo "bench:$(<"$folder/token"):read" >"$folder/tokens")
    head -c 500 /dev/zero | tr '\0' x >"$folder/files/code.json"
}
