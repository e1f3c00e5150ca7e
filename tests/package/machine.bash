# Sourced: a root folder booted with its own systemd, in namespaces of its own. $root is the folder.

boot_log=${root:?}.boot

boot() {
    systemd-nspawn --quiet --directory="$root" --machine="oracode-$$" --register=no --keep-unit --private-network \
        --boot systemd.log_target=console >"$boot_log" 2>&1 </dev/null &
    machine=$!
    local waited
    for ((waited = 0; waited < 300; ++waited)); do
        kill -0 "$machine" 2>/dev/null || return 1
        [[ $(inside systemctl is-system-running 2>/dev/null) =~ ^(running|degraded)$ ]] && return 0
        sleep 0.2
    done
    return 1
}

# The machine's process 1, as it is numbered outside.
first_process() {
    local children
    children=$(<"/proc/$machine/task/$machine/children")
    echo "${children%% *}"
}

# Runs a command in the booted machine.
inside() {
    nsenter -t "$(first_process)" -m -p -n -u -i -C -- env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"
}

power_off() {
    kill -KILL "$(cat "/proc/$machine/task/$machine/children" 2>/dev/null)" 2>/dev/null || true
    wait "$machine" 2>/dev/null || true
}
