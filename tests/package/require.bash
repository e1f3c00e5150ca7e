# Sourced by the tests of this folder: what cannot be tested here is said and shows as skipped, not as passed.

skip() {
    echo "skipped: $1" >&2
    exit 77
}

require_root() { ((EUID == 0)) || skip "this needs root"; }

require_tools() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || skip "there is no $tool"
    done
}

# What users get, not the build with sanitizers: ORACODE_RELEASE is the folder with it.
require_release() {
    [[ -x $ORACODE_RELEASE/oracoded && -x $ORACODE_RELEASE/oracodectl ]] ||
        skip "no release build in $ORACODE_RELEASE: cmake --build --preset release --target oracoded oracodectl"
}
