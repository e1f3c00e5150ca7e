# The result of tests/bench/run as a table for people: medians over the rounds, ratios within a round.
def median: sort | if length == 0 then null elif length % 2 == 1 then .[length / 2 | floor]
    else (.[length / 2 - 1] + .[length / 2]) / 2 end;
def fixed($digits): if . == null then "-" else
    (. * pow(10; $digits) | round | tostring) as $all
    | if $digits == 0 then $all
      else (if ($all | length) <= $digits then "0" * ($digits + 1 - ($all | length)) + $all else $all end)
        | .[:-$digits] + "." + .[-$digits:] end end;
def left($width): . + " " * ([$width - length, 0] | max);
def right($width): " " * ([$width - length, 0] | max) + .;
def ms: . / 1000 | fixed(2) | right(9);

def rounds($phase): [.phases[] | select(.phase == $phase)];
def ratios($ours; $theirs):
    [rounds($ours), rounds($theirs)] | [.[0], .[1] | sort_by(.round)] | transpose
    | map(select(.[0] != null and .[1] != null and .[1].rate > 0) | .[0].rate / .[1].rate);

def row($name; $phase): rounds($phase) as $r | select($r | length > 0) |
    ($name | left(22)) + ([$r[].rate] | median | fixed(0) | right(9))
    + ([$r[].p50_us] | median | ms) + ([$r[].p99_us] | median | ms) + ([$r[].p999_us] | median | ms)
    + ([$r[].max_us] | max | ms)
    + ([$r[].request_bytes] | median | fixed(0) | right(8)) + ([$r[].answer_bytes] | median | fixed(0) | right(8));

def ratio($name; $ours; $theirs; $aim): ratios($ours; $theirs) as $r | select($r | length > 0) |
    ($name | left(38)) + ($r | median | fixed(3)) + "  (" + ($r | min | fixed(3)) + " to " + ($r | max | fixed(3))
    + ")  aim " + ($aim | fixed(2)) + ": " + (if ($r | median) >= $aim then "reached" else "missed" end);

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
def written_line: rounds("deliveries") as $r | select($r | length > 0)
    | "written to disk per delivery          "
      + "\(([$r[].servers[].disk_bytes] | add) / ($r | map(.timed) | add) | fixed(0)) bytes";

def sustained: rounds("sustained")[0] | select(. != null) | . as $s
    | "", "sustained deliveries                  \(.rate | fixed(0))/s for \(.seconds | fixed(0)) s, p99.9 \(.p999_us / 1000 | fixed(2)) ms, "
      + "longest \(.max_us / 1000 | fixed(2)) ms at \(.max_at_s | fixed(1)) s",
      "the five worst seconds                second answered    p99.9      max  (ms)",
      (.by_second | sort_by(-.max_us)[:5][] | (" " * 38) + (.second | tostring | right(6)) + (.answered | tostring | right(9))
       + (.p999_us | ms) + (.max_us | ms));

"\(.machine.cores) cores, \(.machine.cpu), \(.machine.filesystem); \(.versions | join("; "))",
"\(.phases[0].connections) keep-alive TLS 1.3 connections, AES-256-GCM, P-256 certificate; nginx workers: \(.nginx_workers)"
  + (if .io_threads > 0 then ", I/O threads of oracoded: \(.io_threads)" else ", I/O threads of oracoded: unnamed, so not counted" end)
  + (if .open_file_cache then ", open_file_cache" else "" end),
"disk: \(.disk.rate | fixed(0)) appends of 4 KiB with fdatasync a second, p50 \(.disk.p50_us / 1000 | fixed(2)) ms, p99 \(.disk.p99_us / 1000 | fixed(2)) ms",
"",
("median of the rounds" | left(22)) + "    req/s      p50      p99    p99.9      max  (ms)  bytes in, out",
row("nginx POST, 204"; "nginx_post"), row("durable deliveries"; "deliveries"),
row("  by themselves"; "mixed_alone"), row("  with reads"; "mixed_with_reads"), row("  with long lists"; "mixed_with_lists"),
row("  with those who wait"; "mixed_with_waiting"),
row("reads with long lists"; "mixed_reads_with_lists"), row("reads with waiting"; "mixed_reads_with_waiting"),
row("nginx, file"; "nginx_file"), row("status reads by id"; "reads"), row("filling"; "fill"),
"",
ratio("deliveries / nginx POST"; "deliveries"; "nginx_post"; 0.3),
ratio("status reads / nginx file"; "reads"; "nginx_file"; 0.6),
"resident memory idle                  \(.memory.idle.rss_kib / 1024 | fixed(1)) MiB, \(.memory.idle.anonymous_kib / 1024 | fixed(1)) of it its own"
  + "  aim 15 MB: " + (if .memory.idle.rss_kib * 1024 <= 15e6 then "reached" else "missed" end),
"resident memory after the load        \(.memory.loaded.rss_kib / 1024 | fixed(1)) MiB, \(.memory.loaded.anonymous_kib / 1024 | fixed(1)) of it its own",
"",
("CPU" | left(22)) + ("thread" | left(17)) + "  user us system us   of a core  (per request)",
cpu("nginx POST, 204"; "nginx_post"), cpu("durable deliveries"; "deliveries"), cpu("nginx, file"; "nginx_file"),
cpu("status reads by id"; "reads"),
(others | select(. != null and . > 0.1)
 | "other processes took up to \(. * 100 | fixed(0)) % of the machine: compare only within a round"),
commit_line, written_line, sustained,
"",
"events stored: \(.rows), acknowledged: \(.acknowledged)" + (if .rows == .acknowledged then "" else "  THEY DIFFER" end)
  + "; database \(.database_bytes / 1048576 | fixed(0)) MiB, \(.database_bytes / ([.rows, 1] | max) | fixed(0)) bytes an event"
