# What is aimed at, from the result of tests/bench/run: each figure with its aim. What a run
# did not measure is left out. Units are decimal: a kB is 1000 bytes.
include "format";

def figure($name; $value; $digits; $unit; $aim; $aim_is; $detail): select($value != null)
    | {figure: $name, $value, $digits, $unit, $aim, $aim_is, $detail,
       reached: (if $aim_is == "least" then $value >= $aim else $value <= $aim end)};
def at_least($name; $value; $unit; $aim; $detail): figure($name; $value; 2; $unit; $aim; "least"; $detail);
def at_most($name; $value; $digits; $unit; $aim; $detail): figure($name; $value; $digits; $unit; $aim; "most"; $detail);

def and_that($more): .detail |= if . == "" then $more else . + "; " + $more end;

def rate($phase): [rounds($phase)[].rate] | median;
def ratio($name; $ours; $theirs; $aim): ratios($ours; $theirs) as $r
    | at_least($name; $r | median; ""; $aim;
               "\(rate($ours) | fixed(0))/s of \(rate($theirs) | fixed(0))/s, rounds \($r | min | fixed(2)) to \($r | max | fixed(2))");
def latency($name; $phase; $key; $aim): [rounds($phase)[][$key] / 1000] as $ms
    | at_most($name; $ms | median; 2; "ms"; $aim;
              if ($ms | length) > 1 then "rounds \($ms | min | fixed(2)) to \($ms | max | fixed(2))" else "" end);

def open_loop($rate): "open_\($rate)" as $phase | rounds($phase) as $r | select($r | length > 0)
    | if ([$r[].rate] | min) < $rate * 0.98 then "only \([$r[].rate] | min | fixed(0))/s in a round"
      else "p50 \([$r[].p50_us / 1000] | median | fixed(2)); the generator itself sent p99 "
           + "\([$r[].sent_late_p99_us / 1000] | median | fixed(2)) ms late" end;
def open_figures: (open_loop(5000) as $detail
      | latency("open loop 5,000/s, p99"; "open_5000"; "p99_us"; 3.5) | and_that($detail)),
    latency("open loop 5,000/s, p99.9"; "open_5000"; "p999_us"; 9),
    (open_loop(1500) as $detail
      | latency("open loop 1,500/s, p99"; "open_1500"; "p99_us"; 1.5) | and_that($detail));

# /proc/PID/io of a daemon that cannot be traced is for root alone.
def written: rounds("deliveries") | (map(.timed) | add // 0) as $n | ([.[].servers[].disk_bytes] | add // 0) as $bytes
    | select($n > 0) | at_most("written to disk per delivery"; if $bytes == 0 then null else $bytes / $n / 1000 end; 1;
                               "kB"; 6; "write_bytes of /proc/PID/io");
def cpu_figure: [cpu_us(rounds("deliveries"))] as [$us] | [cpu_us(rounds("nginx_post"))] as [$theirs]
    | at_most("server CPU per delivery"; $us; 1; "us"; 42; "all threads; nginx \($theirs | fixed(1))");
def handshake_figure: [cpu_us(rounds("handshakes"))] as [$us] | [cpu_us(rounds("nginx_handshakes"))] as [$theirs]
    | ratio("full handshakes / nginx"; "handshakes"; "nginx_handshakes"; 1)
    | and_that("server CPU \($us | fixed(0)) us, nginx \($theirs | fixed(0))");
def memory_figures: (.idle_connections | map({(.phase): .}) | add) as $idle
    | at_most("idle resident, TLS on"; .memory.idle.rss_kib * 1024 / 1e6; 1; "MB"; 12;
              "nginx \($idle.nginx.before_kib * 1024 / 1e6 | fixed(1)) in its workers"),
      at_most("per idle TLS connection"; $idle.together.bytes_per_connection / 1000; 1; "kB"; 28;
              "\($idle.together.connections) opened together; nginx \($idle.nginx.bytes_per_connection / 1000 | fixed(1)); "
              + "opened 20 at a time \($idle.in_groups.bytes_per_connection / 1000 | fixed(1))");

def figures: (.databases | map({(.name): .}) | add) as $db
    | "deliveries, \($db.small.codes) codes" as $small | "deliveries, \($db.main.codes) codes" as $main
    | "deliveries, \($db.many_codes.codes) codes" as $codes | "deliveries, \($db.many_events.filled) events stored" as $events
    | ratio("\($small) / nginx POST"; "deliveries_small"; "nginx_post"; 0.4),
      ratio("\($main) / nginx POST"; "deliveries"; "nginx_post"; 0.4),
      latency("\($main), p99"; "deliveries"; "p99_us"; 15),
      ratio("\($codes) / \($db.small.codes)"; "growth_codes"; "growth_small"; 0.9),
      latency("\($codes), p99"; "growth_codes"; "p99_us"; 20),
      ratio("\($events) / none"; "growth_events"; "growth_small"; 0.9),
      latency("\($events), p99"; "growth_events"; "p99_us"; 20),
      open_figures, written, cpu_figure,
      ratio("status reads / nginx file"; "reads"; "nginx_file"; 0.95),
      latency("status reads, p99"; "reads"; "p99_us"; 2.5),
      handshake_figure, memory_figures;
