# What the figures and the report of tests/bench/run have in common.
def median: sort | if length == 0 then null elif length % 2 == 1 then .[length / 2 | floor]
    else (.[length / 2 - 1] + .[length / 2]) / 2 end;
def fixed($digits): if . == null then "-" else
    (. * pow(10; $digits) | round | tostring) as $all
    | if $digits == 0 then $all
      else (if ($all | length) <= $digits then "0" * ($digits + 1 - ($all | length)) + $all else $all end)
        | .[:-$digits] + "." + .[-$digits:] end end;
def left($width): . + " " * ([$width - length, 0] | max);
def right($width): " " * ([$width - length, 0] | max) + .;

def rounds($phase): [.phases[] | select(.phase == $phase)];
# By round, so that what slowed down the whole machine for a while slowed down both.
def ratios($ours; $theirs):
    [rounds($ours), rounds($theirs)] | [.[0], .[1] | sort_by(.round)] | transpose
    | map(select(.[0] != null and .[1] != null and .[1].rate > 0) | .[0].rate / .[1].rate);
def cpu_us($phases): ($phases | map(.timed) | add // 0) as $requests | select($requests > 0)
    | ([$phases[].servers[].threads[] | .user_s + .system_s] | add // 0) * 1e6 / $requests;
