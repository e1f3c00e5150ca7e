# The result of tests/bench/run as tables for people: medians over the rounds.
include "format";

def ms: . / 1000 | fixed(2) | right(9);

def row($name; $phase): rounds($phase) as $r | select($r | length > 0) |
    ($name | left(22)) + ([$r[].rate] | median | fixed(0) | right(9))
    + ([$r[].p50_us] | median | ms) + ([$r[].p99_us] | median | ms) + ([$r[].p999_us] | median | ms)
    + ([$r[].max_us] | max | ms)
    + ([$r[].request_bytes] | median | fixed(0) | right(8)) + ([$r[].answer_bytes] | median | fixed(0) | right(8));

# CPU time of all threads of one name, per timed request and as a share of one core.
def spent($r; $threads): ($r | map(.timed) | add) as $requests | ($r | map(.seconds) | add) as $seconds
    | ($threads | map(.user_s) | add // 0) as $user | ($threads | map(.system_s) | add // 0) as $system
    | select($requests > 0)
    | ($user * 1e6 / $requests | fixed(1) | right(9)) + ($system * 1e6 / $requests | fixed(1) | right(9))
    + (($user + $system) * 100 / $seconds | fixed(0) | right(8)) + " %";
def cpu($name; $phase): rounds($phase) as $r | select($r | length > 0)
    | ([$r[].servers[].threads[]] | group_by(.name)[] | . as $threads
       | select(($threads | map(.user_s + .system_s) | add) > 0)
       | ($name | left(22)) + ($threads[0].name | left(17)) + spent($r; $threads)),
      ($name | left(22)) + ("(generator)" | left(17)) + spent($r; [$r[].generator]);
# The share of the machine that neither the server nor the generator took, in the worst of all measurements.
def others: .machine.cores as $cores | [.phases[] | select(.seconds > 0)
    | (.machine_cpu_s - .generator.user_s - .generator.system_s
       - ([.servers[].threads[] | .user_s + .system_s] | add // 0)) / .seconds / $cores] | max;

def commit_line: . as $all | [.commits[] | select(.phase == "deliveries" and .commits > 0)] as $c
    | select($c | length > 0)
    | ($all | [rounds("deliveries")[].answers["204"] // 0] | add) as $events | ($c | map(.commits) | add) as $commits
    | "commits                               \($events / $commits | fixed(1)) deliveries each, "
      + "\(($c | map(.seconds) | add) * 1000 / $commits | fixed(2)) ms on average (from /metrics)";
def sustained: rounds("sustained")[0] | select(. != null) | . as $s
    | "", "sustained deliveries                  \(.rate | fixed(0))/s for \(.seconds | fixed(0)) s, p99.9 \(.p999_us / 1000 | fixed(2)) ms, "
      + "longest \(.max_us / 1000 | fixed(2)) ms at \(.max_at_s | fixed(1)) s",
      "the five worst seconds                second answered    p99.9      max  (ms)",
      (.by_second | sort_by(-.max_us)[:5][] | (" " * 38) + (.second | tostring | right(6)) + (.answered | tostring | right(9))
       + (.p999_us | ms) + (.max_us | ms));

def machine: "\(.machine.cores) cores, \(.machine.cpu), \(.machine.filesystem); \(.versions | join("; "))",
    "\(.phases[0].connections) keep-alive TLS 1.3 connections, AES-256-GCM, P-256 certificate; nginx workers: \(.nginx_workers)"
      + (if .io_threads > 0 then ", I/O threads of oracoded: \(.io_threads)" else ", I/O threads of oracoded: unnamed, so not counted" end)
      + (if .open_file_cache then ", open_file_cache" else "" end),
    "disk: \(.disk.rate | fixed(0)) appends of 4 KiB with fdatasync a second, p50 \(.disk.p50_us / 1000 | fixed(2)) ms, p99 \(.disk.p99_us / 1000 | fixed(2)) ms";

def rates: ("median of the rounds" | left(22)) + "    req/s      p50      p99    p99.9      max  (ms)  bytes in, out",
    row("nginx POST, 204"; "nginx_post"), row("durable deliveries"; "deliveries"), row("  few codes"; "deliveries_small"),
    row("  few codes, later"; "growth_small"), row("  many codes"; "growth_codes"), row("  many events stored"; "growth_events"),
    row("  open loop, 5,000/s"; "open_5000"), row("  open loop, 1,500/s"; "open_1500"),
    row("  by themselves"; "mixed_alone"), row("  with reads"; "mixed_with_reads"), row("  with long lists"; "mixed_with_lists"),
    row("  with those who wait"; "mixed_with_waiting"),
    row("reads with long lists"; "mixed_reads_with_lists"), row("reads with waiting"; "mixed_reads_with_waiting"),
    row("nginx, file"; "nginx_file"), row("status reads by id"; "reads"),
    row("nginx, handshakes"; "nginx_handshakes"), row("full handshakes"; "handshakes"), row("filling"; "fill");

def cpu_table: ("CPU" | left(22)) + ("thread" | left(17)) + "  user us system us   of a core  (per request)",
    cpu("nginx POST, 204"; "nginx_post"), cpu("durable deliveries"; "deliveries"), cpu("nginx, file"; "nginx_file"),
    cpu("status reads by id"; "reads"), cpu("nginx, handshakes"; "nginx_handshakes"), cpu("full handshakes"; "handshakes"),
    (others | select(. != null and . > 0.1)
     | "other processes took up to \(. * 100 | fixed(0)) % of the machine: compare only within a round");

def stored: .databases[] | select(.rows + .acknowledged > 0) | "events stored (\(.name)): \(.rows), acknowledged: \(.acknowledged)"
    + (if .filled > 0 then ", filled: \(.filled)" else "" end)
    + (if .rows == .acknowledged + .filled then "" else "  THEY DIFFER" end)
    + "; database \(.bytes / 1e6 | fixed(0)) MB, \(.bytes / ([.rows, 1] | max) | fixed(0)) bytes an event";

def with_aims: ("figure, median of the rounds" | left(44)) + ("value" | right(8)) + ("aim" | right(12)),
    (.figures[] | (.figure | left(44)) + (.digits as $digits | .value | fixed($digits) | right(8))
       + ((if .aim_is == "least" then ">= " else "<= " end) + "\(.aim) \(.unit)" | right(12))
       + "  " + (if .reached then "reached" else "missed " end) + "  " + .detail);

def report: machine, "", rates, "", cpu_table, commit_line, sustained,
    "resident memory after the load        \(.memory.loaded.rss_kib * 1024 / 1e6 | fixed(1)) MB, "
      + "\(.memory.loaded.anonymous_kib * 1024 / 1e6 | fixed(1)) of it its own",
    "", stored, "", with_aims;
